"""Read the lines of a page: strip, network, islands, lattice."""

from __future__ import annotations

import math
from collections.abc import Sequence

from models.errors import BlankDrawing, DrawingError
from models.inference.digit_model import DigitModel, Prediction
from models.layout.page import Page, TextLine, picture_box
from models.numbers import lattice, strips, views
from models.numbers.cell_reader import read_cells
from models.numbers.lattice import JudgedDigit, JudgedLine
from models.numbers.line_model import LineModel
from models.numbers.number import Number, NumberDigit, NumberLine
from models.numbers.pieces import Cutter
from models.numbers.spreading import spread

LEAST_EVIDENCE = 0.45
"""Evidence below which a line is no number, but text or a drawing of something else. By writers of the validation part,
it leaves out 2 of 1,217 numbers that are read right; .83 of 300 words and .65 of 100 doodles, by an earlier network."""


class NumberReader:
    """Reads numbers. Its methods may be called by several threads at once.

    Args:
        model: reads lines.
        judge: reads each digit again, alone.
    """

    def __init__(self, model: LineModel, judge: DigitModel) -> None:
        self.model, self.judge = model, judge

    def read(self, page: Page) -> Number:
        """Read every line of a page, or every cell of its grid; those without digits are left out."""
        read = self._cells(page) if page.grid else self._lines(page)
        lines = [line for line in read if line]
        reason = "ambiguous" if any(line.reason for line in lines) else None
        if not lines:
            reason = "not_a_number" if any(page.lines) else "blank"
        return Number(lines, reason, _grid(read, page.grid) if page.grid else None)

    def _cells(self, page: Page) -> list[NumberLine | None]:
        """Read the cells; the least sure one is in doubt unless all of them are surely right."""
        read = read_cells(page.lines, self.model, self.judge)
        filled = [line for line in read if line]
        if math.prod(map(_confidence, filled)) >= self._least:
            return read
        worst = min(filled, key=_confidence)
        return [_doubted(line) if line is worst else line for line in read]

    def _lines(self, page: Page) -> list[NumberLine | None]:
        judged = [self._judge(line) if line else None for line in page.lines]
        least = self._least_certainty(judged)
        return [
            self._line(line, digits, least) if line and digits else None
            for line, digits in zip(page.lines, judged, strict=True)
        ]

    def _judge(self, line: TextLine) -> JudgedLine | None:
        """Read one line; None if it holds no digits, or is too long to be a line."""
        apart = spread(line, line.strokes) if line.strokes else None
        drawing, box = apart[:2] if apart else (line.drawing, line.box)
        try:
            cut = strips.cut(drawing, box)
        except (BlankDrawing, DrawingError):
            return None
        judged = lattice.read(Cutter(drawing, cut), views.look(self.model, cut.strip), self.judge)
        if judged.evidence < LEAST_EVIDENCE:
            return None
        if apart:
            digits = [digit._replace(box=apart.original(digit.box)) for digit in judged.digits]
            judged = judged._replace(digits=digits)
        return judged

    @property
    def _least(self) -> float:
        """The least certainty of a number that is accepted."""
        return lattice.certainty(self.model.contract.rejection.min_margin)

    def _least_certainty(self, judged: Sequence[JudgedLine | None]) -> float:
        """Return the certainty from which digits are accepted: none is in doubt if the whole is sure enough."""
        lines = [line for line in judged if line]
        if math.prod(line.certainty for line in lines) >= self._least:
            return 0.0
        worst = min((digit.certainty for line in lines for digit in line.digits), default=0.0)
        return max(self._least, math.nextafter(worst, 2))

    def _line(self, line: TextLine, judged: JudgedLine, least: float) -> NumberLine:
        digits = [self._digit(line, digit, least) for digit in judged.digits]
        doubted = any(digit.prediction.reason for digit in digits)
        return NumberLine(digits, "ambiguous" if doubted else None)

    def _digit(self, line: TextLine, judged: JudgedDigit, least: float) -> NumberDigit:
        reason = "ambiguous" if judged.certainty < least else None
        prediction = Prediction(judged.digit, judged.probabilities, judged.alone.digit_score, reason)
        return NumberDigit(picture_box(judged.box, line.to_picture), prediction)


def _confidence(cell: NumberLine) -> float:
    return cell.digits[0].prediction.confidence


def _doubted(cell: NumberLine) -> NumberLine:
    (digit,) = cell.digits
    return NumberLine([digit._replace(prediction=digit.prediction._replace(reason="ambiguous"))], "ambiguous")


def _grid(read: Sequence[NumberLine | None], shape: tuple[int, int]) -> list[list[int | None]]:
    rows, columns = shape
    values = [line.digits[0].prediction.digit if line else None for line in read]
    return [values[row * columns : (row + 1) * columns] for row in range(rows)]
