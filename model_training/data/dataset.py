"""MNIST in three splits, pixels unchanged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_training.data import mnist

SPLIT_SEED = 2026
"""Chooses the validation split. Must never change, or versions could not be compared on it."""

VALIDATION_SIZE = 10_000

DISPUTED = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
"""Test digits whose label fewer than three of five human raters agreed with (Northcutt, Athalye & Mueller 2021,
"Pervasive Label Errors in Test Sets"). They count as labelled, and reports list them."""


@dataclass(frozen=True)
class Split:
    """Digits with their labels."""

    digits: NDArray[np.uint8]
    """(n, 28, 28) uint8; 0 paper, 255 ink."""
    labels: NDArray[np.uint8]
    """(n,) uint8, 0..9."""

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, n: int | None) -> Split:
        """Return the first n digits; None: all."""
        return Split(self.digits[:n], self.labels[:n])


@dataclass(frozen=True)
class Splits:
    """MNIST's three splits."""

    train: Split
    """50,000 digits; weights, mean and std are fitted on them."""
    validation: Split
    """10,000 digits; every choice is made on them."""
    test: Split
    """10,000 digits; measured once, at the end of a run."""


def split(arrays: mnist.Arrays) -> Splits:
    """Divide MNIST 50,000 / 10,000 / 10,000, always in the same way."""
    digits, labels = arrays["train-images-idx3-ubyte"], arrays["train-labels-idx1-ubyte"]
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    validation, train = order[:VALIDATION_SIZE], order[VALIDATION_SIZE:]
    return Splits(
        train=Split(digits[train], labels[train]),
        validation=Split(digits[validation], labels[validation]),
        test=Split(arrays["t10k-images-idx3-ubyte"], arrays["t10k-labels-idx1-ubyte"]),
    )
