"""Count the digits that a reader finds where they are and reads right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model_training.evaluation.number_pages import DigitBox

OVERLAP = 0.5
"""Intersection over union from which a box counts as found (Everingham 2010, The Pascal VOC challenge)."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Detection:
    """Counts of digits.

    Attributes:
        right: found where they are, and read as what they are.
        found: of the answers.
        there: of the pictures.
    """

    right: int = 0
    found: int = 0
    there: int = 0

    def __add__(self, other: Detection) -> Detection:
        return Detection(self.right + other.right, self.found + other.found, self.there + other.there)

    @property
    def precision(self) -> float:
        """Share of the digits of the answers that are right; 1 without any."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the digits of the pictures that are found and right; 1 without any."""
        return self.right / self.there if self.there else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 without any digits."""
        return 2 * self.right / (self.found + self.there) if self.found + self.there else 1.0


def detect(truth: Sequence[DigitBox], found: Sequence[DigitBox]) -> Detection:
    """Match the digits of an answer to those of the picture, best overlap first, each to at most one."""
    overlaps = sorted(
        (
            (overlap(real.box, answer.box), i, j)
            for i, real in enumerate(truth)
            for j, answer in enumerate(found)
            if real.digit == answer.digit
        ),
        reverse=True,
    )
    real_taken: set[int] = set()
    answer_taken: set[int] = set()
    for share, i, j in overlaps:
        if share >= OVERLAP and i not in real_taken and j not in answer_taken:
            real_taken.add(i)
            answer_taken.add(j)
    return Detection(len(real_taken), len(found), len(truth))


def overlap(a: Box, b: Box) -> float:
    """Intersection of two boxes over their union, 0 to 1."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(wide, 0) * max(high, 0)
    both = a[2] * a[3] + b[2] * b[3] - shared
    return shared / both if both else 0.0
