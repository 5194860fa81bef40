"""Read the lines of a page: strip, network, beam, lattice."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel
from models.layout.page import Page, TextLine, picture_box
from models.numbers import ctc, lattice, strips
from models.numbers.cell_reader import read_cell
from models.numbers.lattice import JudgedReading
from models.numbers.line_model import LineModel
from models.numbers.number import Number, NumberDigit, NumberLine

BEAM = 6
"""Readings of a line that are compared."""


class NumberReader:
    """Reads numbers. Its methods may be called by several threads at once.

    Args:
        model: reads lines.
        judge: reads each digit again, alone.
    """

    def __init__(self, model: LineModel, judge: DigitModel) -> None:
        self.model, self.judge = model, judge

    def read(self, page: Page) -> Number:
        """Read every line of a page; lines without digits are left out."""
        read = [line and self._read_one(line, page.grid is not None) for line in page.lines]
        lines = [line for line in read if line]
        reason = None if any(page.lines) else "blank"
        if any(page.lines) and not lines:
            reason = "not_a_number"
        if any(line.reason for line in lines):
            reason = "ambiguous"
        return Number(lines, reason, _grid(read, page.grid) if page.grid else None)

    def _read_one(self, line: TextLine, is_cell: bool) -> NumberLine | None:
        return read_cell(line, self.model, self.judge) if is_cell else self.read_line(line)

    def read_line(self, line: TextLine) -> NumberLine | None:
        """Read one line; None if it holds no digits."""
        try:
            cut = strips.cut(line.drawing, line.box)
        except BlankDrawing:
            return None
        logs = self.model.log_probabilities(cut.strip)
        readings = lattice.judge(line.drawing, cut, logs, ctc.beam(logs, BEAM), self.judge)
        if not readings[0].digits:
            return None
        return self._line(line, readings)

    def _line(self, line: TextLine, readings: list[JudgedReading]) -> NumberLine:
        digits = [
            NumberDigit(picture_box(digit.box, line.to_picture), digit.prediction) for digit in readings[0].digits
        ]
        sure = lattice.margin([reading.score for reading in readings]) >= self.model.contract.rejection.min_margin
        return NumberLine(digits, None if sure else "ambiguous")


def _grid(read: Sequence[NumberLine | None], shape: tuple[int, int]) -> list[list[int | None]]:
    rows, columns = shape
    values = [line.digits[0].prediction.digit if line else None for line in read]
    return [values[row * columns : (row + 1) * columns] for row in range(rows)]
