"""The versions that a worker serves: the one everybody gets, and perhaps a canary beside it."""

from __future__ import annotations

from models.inference.digit_model import DigitModel
from service.inference.canary import bucket
from service.inference.predictor import Predictor
from service.observability.metrics import Metrics

SERVED, CANARY = "served", "canary"
"""The roles of a version."""


class ServedModels:
    """Holds the predictor of each role.

    Args:
        model: the version to serve first.
        canary_share: percent of the requests that the canary answers.
        metrics: counts calls and swaps.

    Attributes:
        served: predictor of the version that is served.
        canary: predictor of the canary; None while there is none.
    """

    def __init__(self, model: DigitModel, canary_share: int, metrics: Metrics) -> None:
        self._canary_share = canary_share
        self._metrics = metrics
        self.served = Predictor(model, metrics)
        self.canary: Predictor | None = None
        metrics.serving(model.version, SERVED)

    def version(self, role: str) -> int:
        """Return the version in a role; 0 for none."""
        predictor = self.served if role == SERVED else self.canary
        return predictor.model.version if predictor else 0

    def replace(self, role: str, model: DigitModel) -> None:
        """Warm another version and give it a role. Requests in progress keep the version that they began with."""
        if role == SERVED:
            self.served = Predictor(model, self._metrics)
        else:
            self.canary = Predictor(model, self._metrics, stage=CANARY)
        self._metrics.serving(model.version, role)

    def drop_canary(self) -> None:
        """Serve without a canary."""
        self.canary = None
        self._metrics.serving(0, CANARY)

    def choose(self, version: str | None, routing_key: str) -> Predictor:
        """Choose who answers a request: the canary if it has the version asked for, or if the key is in its share."""
        canary = self.canary
        if canary is None:
            return self.served
        if version:
            return canary if version == str(canary.model.version) else self.served
        return canary if bucket(routing_key) < self._canary_share else self.served
