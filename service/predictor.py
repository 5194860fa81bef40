"""The current model, and the only caller of it."""

from __future__ import annotations

import numpy as np

from models.artifact import DigitModel, Predictions
from models.canonical import SIZE, Digit


class Predictor:
    """Runs digits through the model, at most `BATCH` at a time.

    Args:
        model: warmed here, so that the first request is as fast as the next.
    """

    BATCH = 64

    def __init__(self, model: DigitModel) -> None:
        self.model = model
        for n in (1, self.BATCH):
            model.predict(np.zeros((n, SIZE, SIZE), np.uint8))

    def predict(self, digits: list[Digit]) -> Predictions:
        """Classify canonical digits.

        Args:
            digits: n arrays (28, 28) uint8; n may be 0.

        Returns:
            (n, 10) float32 probabilities and (n,) float32 digit scores, in order.
        """
        if not digits:
            return Predictions(np.empty((0, 10), np.float32), np.empty(0, np.float32))
        parts = [
            self.model.predict(np.stack(digits[start : start + self.BATCH]))
            for start in range(0, len(digits), self.BATCH)
        ]  # fmt: skip
        return Predictions(*(np.concatenate(part) for part in zip(*parts, strict=True)))
