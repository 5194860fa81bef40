"""A loaded network that classifies canonical digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit, Digits
from models.inference.contract import Contract
from models.inference.explanation import Convolution, Explainer, Explanation
from models.inference.rejection import DIGITS
from models.inference.runtime import Engine


class Prediction(NamedTuple):
    """The answer for one digit."""

    digit: int | None
    """The most probable digit, 0 to 9; None for an image without ink."""
    probabilities: list[float]
    """Of the ten digits, calibrated; they sum to 1."""
    digit_score: float
    """How surely the image is a digit at all, 0 to 1."""
    reason: str | None
    """Why not to accept the answer: `not_a_digit`, `ambiguous` or `blank`; None if it is accepted."""

    @property
    def confidence(self) -> float:
        """The largest probability."""
        return max(self.probabilities)

    @property
    def accepted(self) -> bool:
        """Whether the answer should be trusted."""
        return self.reason is None


class Predictions(NamedTuple):
    """The answers for n digits, as arrays."""

    probabilities: NDArray[np.float32]
    """(n, 10), calibrated; each row sums to 1."""
    digit_score: NDArray[np.float32]
    """(n,): how surely each image is a digit at all, 0 to 1."""
    model: DigitModel
    """The model that answered; another may have replaced it when the response is written."""

    @classmethod
    def concatenate(cls, parts: Sequence[Predictions]) -> Predictions:
        """Join at least one part, all of the same model."""
        probabilities = np.concatenate([part.probabilities for part in parts])
        return cls(probabilities, np.concatenate([part.digit_score for part in parts]), parts[0].model)


class DigitModel:
    """A network with the contract that turns its logits into answers.

    Its methods may be called by several threads at once.

    Args:
        contract: temperature and thresholds.
        engine: runs the network.
        version: of the artifact in its store; 0 outside of one.
        explainer: looks inside the network; None if the artifact does not describe its layers.
    """

    def __init__(self, contract: Contract, engine: Engine, version: int, explainer: Explainer | None = None) -> None:
        self.contract = contract
        self.version = version
        self._engine = engine
        self._explainer = explainer

    def classify(self, digits: Sequence[Digit] | Digits) -> list[Prediction]:
        """Classify canonical digits.

        Args:
            digits: n of (28, 28) uint8.

        Returns:
            n answers, in order.
        """
        if len(digits) == 1:
            return [self._classify_one(digits[0])]
        if not len(digits):
            return []
        predictions = self.predict(np.asarray(digits))
        rows = zip(predictions.probabilities.tolist(), predictions.digit_score.tolist(), strict=True)
        return [self._prediction(probabilities, score) for probabilities, score in rows]

    def predict(self, digits: Digits) -> Predictions:
        """Classify canonical digits, as arrays.

        Args:
            digits: (n, 28, 28) uint8.

        Returns:
            Calibrated probabilities and digit scores.
        """
        logits = self.logits(digits)
        scaled = logits[:, :DIGITS] / np.float32(self.contract.temperature)
        exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        return Predictions(probabilities, self.contract.rejection.digit_score(logits), self)

    def logits(self, digits: Digits) -> NDArray[np.float32]:
        """Compute the logits before the temperature.

        Args:
            digits: (n, 28, 28) uint8.

        Returns:
            (n, 10) float32; (n, 11) from a network that was trained on non-digits too.
        """
        return self._engine.logits(digits)

    def explain(self, digit: Digit) -> Explanation | None:
        """Show how the answer for one digit comes about, in the time of classifying hundreds.

        Args:
            digit: (28, 28) uint8.

        Returns:
            None if the artifact does not describe its layers.
        """
        return self._explainer.explain(digit, self.logits) if self._explainer else None

    def convolutions(self) -> list[Convolution] | None:
        """Read the filters of every convolution; None if the artifact does not describe its layers."""
        return self._explainer.convolutions() if self._explainer else None

    def _classify_one(self, digit: Digit) -> Prediction:
        """Classify one digit without NumPy, whose calls would take longer than the arithmetic."""
        (logits,) = self._engine.logits(digit[None]).tolist()
        temperature = self.contract.temperature
        top = max(logits[:DIGITS])
        exponentials = [math.exp((logit - top) / temperature) for logit in logits[:DIGITS]]
        total = sum(exponentials)
        probabilities = [value / total for value in exponentials]
        return self._prediction(probabilities, self.contract.rejection.digit_score_of_one(logits))

    def _prediction(self, probabilities: list[float], digit_score: float) -> Prediction:
        digit = probabilities.index(max(probabilities))
        return Prediction(digit, probabilities, digit_score, self.contract.rejection.reason(probabilities, digit_score))
