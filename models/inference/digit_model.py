"""A loaded network that classifies canonical digits."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.inference.contract import Contract
from models.inference.explanation import Explainer, Explanation
from models.inference.runtime import Engine
from models.preprocessing.mnist_geometry import Digit


class Prediction(NamedTuple):
    """The answer for one digit."""

    digit: int
    """The most probable digit, 0 to 9."""
    probabilities: list[float]
    """Of the ten digits, calibrated; they sum to 1."""
    digit_score: float
    """How surely the image is a digit at all, 0 to 1."""
    reason: str | None
    """Why not to accept the answer: `not_a_digit` or `ambiguous`; None if it is accepted."""

    @property
    def confidence(self) -> float:
        """The probability of `digit`."""
        return self.probabilities[self.digit]

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

    Its methods may be called from several threads at once.

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

    def classify(self, digits: Sequence[Digit] | NDArray[np.uint8]) -> list[Prediction]:
        """Classify canonical digits.

        Args:
            digits: n of (28, 28) uint8.

        Returns:
            n answers, in order.
        """
        if not len(digits):
            return []
        predictions = self.predict(np.asarray(digits))
        reason = self.contract.rejection.reason
        rows = zip(predictions.probabilities.tolist(), predictions.digit_score.tolist(), strict=True)
        return [Prediction(p.index(max(p)), p, score, reason(p, score)) for p, score in rows]

    def predict(self, digits: NDArray[np.uint8]) -> Predictions:
        """Classify canonical digits.

        Args:
            digits: (n, 28, 28) uint8.

        Returns:
            Calibrated probabilities and digit scores.
        """
        probabilities, logits = self._engine.run(digits)
        return Predictions(probabilities, self.contract.rejection.digit_score(logits), self)

    def explain(self, digit: Digit) -> Explanation | None:
        """Show how the answer for one digit comes about; None if the artifact does not describe its layers.

        It takes as long as classifying hundreds of digits.

        Args:
            digit: (28, 28) uint8.
        """
        with contextlib.suppress(OSError):  # the version may be deleted while it is served
            if self._explainer:
                return self._explainer.explain(digit, self.logits)
        return None

    def convolutions(self) -> list[tuple[int, NDArray[np.float32], NDArray[np.float32]]] | None:
        """As `Explainer.convolutions`; None if the artifact does not describe its layers."""
        with contextlib.suppress(OSError):
            if self._explainer:
                return self._explainer.convolutions()
        return None

    def logits(self, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the logits before the temperature.

        Args:
            digits: (n, 28, 28) uint8.

        Returns:
            (n, 10) float32; (n, 11) from a network that was trained on non-digits too.
        """
        return self._engine.run(digits)[1]
