"""The shadow: a share of the requests is shown to the canary too, to count whether it agrees."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

from models.arrays import Digit
from models.inference.digit_model import Prediction
from service.inference.predictor import Predictor
from service.observability.metrics import Metrics

MAX_WAITING = 64
"""Comparisons that may wait; a busier service compares fewer."""

log = logging.getLogger(__name__)


class Shadow:
    """Compares the canary with the version that is served, in a thread of its own.

    Args:
        share: percent of the requests to compare.
        metrics: counts each comparison.
    """

    def __init__(self, share: int, metrics: Metrics) -> None:
        self._share = share
        self._metrics = metrics
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shadow")

    def compare(
        self, canary: Predictor, routing_key: str, digits: Sequence[Digit], predictions: Sequence[Prediction]
    ) -> None:
        """Show the canary the digits of a request, if its key is in the share, and count where both agree."""
        if digits and self._waiting < MAX_WAITING and bucket(routing_key) < self._share:
            self._waiting += 1
            self._thread.submit(self._compare, canary, digits, predictions)

    def close(self) -> None:
        """Stop comparing."""
        self._thread.shutdown(cancel_futures=True)

    def _compare(self, canary: Predictor, digits: Sequence[Digit], predictions: Sequence[Prediction]) -> None:
        try:
            pairs = zip(canary.classify(digits), predictions, strict=True)
            self._metrics.compared(sum(ours.digit == theirs.digit for ours, theirs in pairs), len(digits))
        except Exception:
            log.exception("version %d failed in the shadow", canary.model.version)
        finally:
            self._waiting -= 1


def bucket(routing_key: str) -> int:
    """Return the hundredth, 0 to 99, that a key always falls into."""
    return crc32(routing_key.encode()) % 100
