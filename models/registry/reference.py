"""`reference.json`: digits that a version was asked when it was saved, and what its network computed for them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.arrays import Digits
from models.inference.rejection import DIGITS
from models.preprocessing.mnist_geometry import SIZE

REFERENCE_FILE = "reference.json"
TOLERANCE = 0.1
"""Largest difference of a logit, as a share of the range of all reference logits.

int8 differs from float32 by 0.3 % at most in the committed versions (4,000 digits of the validation split, Zen 4), so
that other processors' int8 is well within; another order of the outputs, or a damaged network, is not.
"""


@dataclass(frozen=True)
class Reference:
    """Digits, and the logits of the float32 network for them, which no temperature or threshold changes."""

    digits: Digits
    """(n, 28, 28) uint8, n >= 1."""
    logits: NDArray[np.float32]
    """(n, 10 or 11)."""

    @classmethod
    def choose(cls, digits: Digits, labels: NDArray[np.uint8], logits: NDArray[np.float32]) -> Reference | None:
        """Choose for each of 0 to 9 the digit that the network reads most surely.

        Left out are those that a difference within TOLERANCE could turn into another digit.

        Args:
            digits: (n, 28, 28) uint8, held out of training.
            labels: (n,) 0 to 9.
            logits: (n, 10 or 11) of the float32 network for these digits.

        Returns:
            None if the network reads nothing surely.
        """
        rows = np.arange(len(labels))
        others = logits[:, :DIGITS].copy()
        others[rows, labels] = -np.inf
        margin = logits[rows, labels] - others.max(axis=1)
        surest = [rows[labels == digit][margin[labels == digit].argmax()] for digit in np.unique(labels)]
        chosen = [i for i in surest if margin[i] > 2 * TOLERANCE * np.ptp(logits[surest])]
        return cls(digits[chosen], logits[chosen]) if chosen else None

    @classmethod
    def parse(cls, text: bytes) -> Reference:
        """Read the content of a `reference.json`.

        Raises:
            ValueError: it is not JSON, or its arrays do not fit.
            KeyError: an entry is missing.
            TypeError: an entry is of another type.
        """
        document = json.loads(text)
        pixels = base64.b64decode(document["digits"], validate=True)
        digits = np.frombuffer(pixels, np.uint8).reshape(-1, SIZE, SIZE)
        logits = np.array(document["logits"], np.float32)
        if not len(digits) or logits.shape not in {(len(digits), DIGITS), (len(digits), DIGITS + 1)}:
            raise ValueError(f"{len(digits)} digits and logits of shape {logits.shape}")
        if not np.isfinite(logits).all():
            raise ValueError("a logit is not finite")
        return cls(digits, logits)

    def write(self, directory: Path) -> None:
        """Write `reference.json` into the directory of an artifact."""
        document = {
            "digits": base64.b64encode(self.digits.tobytes()).decode(),
            "logits": [[round(float(logit), 4) for logit in row] for row in self.logits],
        }
        (directory / REFERENCE_FILE).write_text(json.dumps(document, indent=1) + "\n")

    def fits(self, logits: NDArray[np.float32]) -> bool:
        """Return whether a network computes these logits for the digits, within TOLERANCE."""
        if logits.shape != self.logits.shape:
            return False
        return bool(np.abs(logits - self.logits).max() <= TOLERANCE * np.ptp(self.logits))

    def reads(self, digits: list[int | None]) -> bool:
        """Return whether these answers are those that the logits give."""
        expected: list[int] = self.logits[:, :DIGITS].argmax(axis=1).tolist()
        return digits == expected
