"""Give grey levels zero mean and unit variance, with the parameters of the training split."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.arrays import Digits, Standardized


@dataclass(frozen=True)
class Standardization:
    """z = (x - mean) / std, the same two numbers for every pixel.

    Attributes:
        mean: grey levels, 0..255.
        std: grey levels; > 0.

    Raises:
        ValueError: a parameter is not finite, or std is not positive.
    """

    mean: float
    std: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.std)):
            raise ValueError(f"mean and std must be finite, not {self.mean} and {self.std}")
        if self.std <= 0:
            raise ValueError(f"std must be positive, not {self.std}")

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
