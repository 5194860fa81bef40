"""One loaded version of the model of digits at work: the only caller of its model but for the reader of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from models.arrays import Digit
from models.inference.digit_model import DigitModel, Prediction
from models.preprocessing.mnist_geometry import SIZE
from service.observability.metrics import Metrics

WARM_UP = (1, 16)
"""Numbers of digits that a new version classifies before its first request, which is then as fast as the next."""


class Predictor:
    """Classifies digits and counts how long that takes. Threads may share it.

    Args:
        model: warmed here, in the thread that makes the predictor.
        metrics: counts every call.
        stage: name of the stage that is counted.
    """

    def __init__(self, model: DigitModel, metrics: Metrics, stage: str = "infer") -> None:
        self.model = model
        self._metrics = metrics
        self._stage = stage
        for n in WARM_UP:
            model.classify(np.zeros((n, SIZE, SIZE), np.uint8))

    def classify(self, digits: Sequence[Digit]) -> list[Prediction]:
        """Classify canonical digits, each (28, 28) uint8; there may be none."""
        if not digits:
            return []
        began = perf_counter()
        predictions = self.model.classify(digits)
        self._metrics.inference(len(digits), perf_counter() - began, self._stage)
        return predictions
