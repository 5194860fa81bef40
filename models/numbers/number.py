"""What a picture of numbers says: its digits, its lines, and whether to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from models.inference.digit_model import Prediction
from models.layout.page import Box


class NumberDigit(NamedTuple):
    """A digit of a number."""

    box: Box
    """Of its ink, in pixels of the picture."""
    prediction: Prediction
    """Its digit, the most probable one; the ten probabilities; its digit score; why it is not accepted."""


class NumberLine(NamedTuple):
    """The digits of one line, left to right; at least one."""

    digits: list[NumberDigit]
    reason: str | None
    """Why not to accept the line: `ambiguous`; None if it is accepted."""

    @property
    def number(self) -> str:
        """The digits as text."""
        return "".join(str(digit.prediction.digit) for digit in self.digits)

    @property
    def box(self) -> Box:
        """The smallest box around the digits, in pixels of the picture."""
        left, top = (min(digit.box[axis] for digit in self.digits) for axis in (0, 1))
        right, bottom = (max(digit.box[axis] + digit.box[axis + 2] for digit in self.digits) for axis in (0, 1))
        return left, top, right - left, bottom - top


class Number(NamedTuple):
    """All lines of a picture, in reading order."""

    lines: list[NumberLine]
    reason: str | None
    """Why not to accept the whole: `blank`, `not_a_number` or `ambiguous`; None if it is accepted."""
    grid: Sequence[Sequence[int | None]] | None = None
    """The digit of each cell, None where it is empty, if the picture was read as a grid."""

    @property
    def number(self) -> str:
        """The lines as text, joined by newlines; empty if there are none."""
        return "\n".join(line.number for line in self.lines)

    @property
    def accepted(self) -> bool:
        """Whether the whole should be trusted."""
        return self.reason is None
