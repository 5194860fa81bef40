"""Read a cell of a grid, which holds exactly one digit, by both networks: what each says of it is weighed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel, Prediction
from models.inference.rejection import DIGITS
from models.layout.page import TextLine, picture_box
from models.numbers import ctc, strips
from models.numbers.line_model import LineModel
from models.numbers.number import NumberDigit, NumberLine
from models.preprocessing.canonicalize import canonicalize

LINE_WEIGHT = 0.5
"""Of the line network's log probabilities; the network for single digits has the rest."""
FLOOR = 1e-3
"""Least probability that either network gives a digit."""
PAPER = 2
"""Pixels around a digit that is cut out: ink from edge to edge would be searched for ruled lines."""


def read_cell(line: TextLine, model: LineModel, judge: DigitModel) -> NumberLine | None:
    """Read the one digit of a cell; None if it holds no ink.

    Args:
        line: the cell's ink.
        model: reads lines; it has seen more typefaces.
        judge: reads single digits; it has seen more handwriting.
    """
    x, y, width, height = line.box
    try:
        alone = judge.classify([canonicalize(np.pad(line.drawing[y : y + height, x : x + width], PAPER))])[0]
        logs = model.log_probabilities(strips.cut(line.drawing, line.box).strip)
    except BlankDrawing:
        return None
    logarithms = (1 - LINE_WEIGHT) * _floored(alone.probabilities) + LINE_WEIGHT * _floored(_of_one_digit(logs))
    weights = np.exp(logarithms - logarithms.max())
    probabilities = (weights / weights.sum()).tolist()
    reason = judge.contract.rejection.reason(probabilities, alone.digit_score)
    prediction = Prediction(int(weights.argmax()), probabilities, alone.digit_score, reason)
    return NumberLine(
        [NumberDigit(picture_box(line.box, line.to_picture), prediction)], "ambiguous" if reason else None
    )


def _of_one_digit(logs: ctc.Logs) -> NDArray[np.float64]:
    """Return the (10,) probabilities of the digits, given that the line holds one."""
    scores = np.array([ctc.log_probability(logs, (digit,)) for digit in range(DIGITS)])
    likely = np.exp(scores - scores.max())
    probabilities: NDArray[np.float64] = likely / likely.sum()
    return probabilities


def _floored(probabilities: list[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    logarithms: NDArray[np.float64] = np.log(np.maximum(probabilities, FLOOR))
    return logarithms
