"""Give grey levels zero mean and unit variance, with the parameters of the training split."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.arrays import Digits, Standardized

SMALLEST_STD = 0.001
"""Grey levels. Digits of one grey level have less; their quotients would leave float32."""


@dataclass(frozen=True)
class Standardization:
    """z = (x - mean) / std, the same two numbers for every pixel.

    Attributes:
        mean: grey levels, 0..255.
        std: grey levels, SMALLEST_STD..255.

    Raises:
        ValueError: a parameter is not finite, or out of its range.
    """

    mean: float
    std: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.std)):
            raise ValueError(f"mean and std must be finite, not {self.mean} and {self.std}")
        if not 0 <= self.mean <= 255:
            raise ValueError(f"mean must be from 0 to 255, not {self.mean}")
        if not SMALLEST_STD <= self.std <= 255:
            raise ValueError(f"std must be from {SMALLEST_STD} to 255, not {self.std}")

    @classmethod
    def fit(cls, digits: Digits) -> Standardization:
        """Measure mean and std over every pixel.

        Args:
            digits: (n, 28, 28) uint8 of the training split, and of no other.

        Raises:
            ValueError: every pixel is the same.
        """
        return cls(mean=float(digits.mean()), std=float(digits.std()))

    def __call__(self, digits: Digits) -> Standardized:
        """Standardize (n, 28, 28) uint8 digits; return (n, 28, 28) float32."""
        return ((digits - np.float32(self.mean)) / np.float32(self.std)).astype(np.float32)
