"""Read a line of digits: the strip, the network, the beam, the lattice."""

from __future__ import annotations

from models.arrays import Drawing
from models.inference.digit_model import DigitModel
from models.numbers import ctc, lattice, strips
from models.numbers.lattice import JudgedReading
from models.numbers.line_model import LineModel
from models.numbers.strips import Line

BEAM = 6
"""Readings of a line that are compared."""


class LineReader:
    """Reads lines of digits. Its methods may be called by several threads at once.

    Args:
        model: reads lines.
        judge: reads each digit again, alone.
    """

    def __init__(self, model: LineModel, judge: DigitModel) -> None:
        self._model, self._judge = model, judge

    def read(self, drawing: Drawing, box: tuple[int, int, int, int] | None = None) -> JudgedReading:
        """Read one line.

        Args:
            drawing: (h, w) uint8; 0 paper, 255 ink.
            box: (x, y, width, height) of the line's ink; None: of all ink.

        Returns:
            The best reading; without digits if the line has none.

        Raises:
            BlankDrawing: there is no ink.
            DrawingError: the line is too long.
        """
        return self.readings(drawing, strips.cut(drawing, box))[0]

    def readings(self, drawing: Drawing, line: Line) -> list[JudgedReading]:
        """Read a line that is cut already; returns the plausible readings, best first."""
        logs = self._model.log_probabilities(line.strip)
        return lattice.judge(drawing, line, logs, ctc.beam(logs, BEAM), self._judge)
