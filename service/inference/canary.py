"""A second version beside the one that is served: it answers a share of the requests, or is only compared with it."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

from models.errors import ArtifactError
from models.inference.digit_model import DigitModel, Predictions
from models.preprocessing.mnist_geometry import Digit
from models.registry.store import Store
from service.config import Config
from service.inference.predictor import Predictor
from service.inference.reloader import Follower
from service.observability.metrics import Metrics
from service.protocols.opening import Reading
from service.protocols.request import Call

LABEL = "canary"
BEHIND = 64
"""Comparisons that may wait; a service that is busier than that compares fewer."""

log = logging.getLogger(__name__)


class Canary:
    """Follows the label `canary` in the store; where it points at nothing, all is as if there were none.

    Args:
        stable: answers what the canary does not.
        config: `canary_share` of the requests are answered by the canary, `shadow_share` are shown to it as well.
        metrics: hear of each comparison.
    """

    def __init__(self, stable: Predictor, config: Config, metrics: Metrics) -> None:
        self.predictor: Predictor | None = None
        self._stable = stable
        self._share = config.canary_share
        self._shadow_share = config.shadow_share
        self._metrics = metrics
        self._behind = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shadow")

    @property
    def version(self) -> int:
        """That is loaded; 0 for none."""
        return self.predictor.model.version if self.predictor else 0

    def serve(self, model: DigitModel) -> None:
        """Take over another version."""
        self.predictor = Predictor(model, self._metrics, stage=LABEL)

    def drop(self) -> None:
        """There is no canary any more."""
        self.predictor = None

    def close(self) -> None:
        """Compare no more."""
        self._thread.shutdown(cancel_futures=True)

    def choose(self, call: Call) -> Predictor:
        """Who answers a call: whoever has the version that it asks for, else the same for the same key each time."""
        canary = self.predictor
        if canary is None:
            return self._stable
        if call.version:
            return canary if call.version == str(canary.model.version) else self._stable
        return canary if part(call.key) < self._share else self._stable

    def compare(self, call: Call, reading: Reading, predictions: Predictions) -> None:
        """Show the canary what the stable version has answered, in a thread, and count whether they agree."""
        canary = self.predictor
        if canary is None or predictions.model is canary.model or part(call.key) >= self._shadow_share:
            return
        digits = reading.digits
        if digits and self._behind < BEHIND:
            self._behind += 1
            self._thread.submit(self._compare, canary, digits, predictions)

    def _compare(self, canary: Predictor, digits: list[Digit], predictions: Predictions) -> None:
        try:
            theirs = canary.predict(digits).probabilities.argmax(axis=1)
            self._metrics.compared(int((theirs == predictions.probabilities.argmax(axis=1)).sum()), len(digits))
        except Exception:
            log.exception("version %d failed in the shadow", canary.model.version)
        finally:
            self._behind -= 1


class CanaryFollower(Follower):
    """Follows `canary`, which may point at nothing.

    Args:
        canary: kept up to date.
        store: whose label is followed.
        config: its `precision`.
        metrics: hear of every swap and refusal.
    """

    def __init__(self, canary: Canary, store: Store, config: Config, metrics: Metrics) -> None:
        super().__init__(store, config, metrics, label=LABEL)
        self._canary = canary

    def look(self, serving: int) -> DigitModel | None:
        try:
            absent = self._store.labels()[LABEL] is None
        except ArtifactError:
            return super().look(serving)
        if not absent:
            return super().look(serving)
        self._canary.drop()
        self._accept()
        self._metrics.serving(0, LABEL)
        return None


def part(key: str) -> int:
    """Which hundredth of all keys a key is in, from 0 to 99."""
    return crc32(key.encode()) % 100
