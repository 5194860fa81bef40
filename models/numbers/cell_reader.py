"""Read the cells of a grid, which hold exactly one digit each, by both networks: what each says is weighed."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel, Prediction
from models.inference.rejection import DIGITS
from models.layout.page import Box, TextLine, picture_box
from models.numbers import ctc, strips
from models.numbers.deblurring import deblur
from models.numbers.line_model import LineModel
from models.numbers.look_alikes import find_alike
from models.numbers.number import NumberDigit, NumberLine
from models.preprocessing.canonicalize import canonicalize

LINE_WEIGHT = 0.65
"""Of the line network's log probabilities; the network for single digits has the rest."""
FLOOR = 1e-3
"""Least probability that either network gives a digit."""
PAPER = 4
"""Pixels around a digit that is cut out: ink from edge to edge would be searched for ruled lines."""
INK = 120
"""Level of what is inside a digit's box: the blur around it is not."""

Logs = NDArray[np.float64]
"""(..., 10) logarithms of the probabilities of the digits."""


def read_cells(cells: Sequence[TextLine | None], model: LineModel, judge: DigitModel) -> list[NumberLine | None]:
    """Read the one digit of each cell.

    Each digit is deblurred. Digits that look alike are read as one.

    Args:
        cells: all of the same scale; None: an empty one.
        model: reads lines; it has seen more typefaces.
        judge: reads single digits; it has seen more handwriting.

    Returns:
        None for cells without a digit.
    """
    read: list[NumberLine | None] = [None] * len(cells)
    filled = [(at, cell, digit) for at, cell in enumerate(cells) if cell and (digit := _cut(cell)) is not None]
    if not filled:
        return read
    digits = [digit for _, _, digit in filled]
    sharp = [deblur(np.pad(digit, PAPER)) for digit in digits]
    alone = judge.classify([canonicalize(digit, whole=True) for digit in sharp])
    logs = (1 - LINE_WEIGHT) * _floored(np.array([prediction.probabilities for prediction in alone]))
    logs += LINE_WEIGHT * _floored(np.array([_of_one_digit(digit, model) for digit in sharp]))
    alike = find_alike(digits).astype(np.float64)
    logs = alike @ logs / alike.sum(axis=1, keepdims=True)
    for (at, cell, _), digit_logs, prediction in zip(filled, logs, alone, strict=True):
        read[at] = _line(cell, digit_logs, prediction.digit_score, judge)
    return read


def _cut(cell: TextLine) -> Drawing | None:
    """Cut a digit out of its cell; None if there is too little ink."""
    x, y, width, height = cell.box
    digit: Drawing = cell.drawing[y : y + height, x : x + width]
    return digit if digit.size and digit.max() >= strips.CONTRAST else None


def _line(cell: TextLine, logs: NDArray[np.float64], digit_score: float, judge: DigitModel) -> NumberLine:
    weights = np.exp(logs - logs.max())
    probabilities = (weights / weights.sum()).tolist()
    reason = judge.contract.rejection.reason(probabilities, digit_score)
    prediction = Prediction(int(weights.argmax()), probabilities, digit_score, reason)
    digits = [NumberDigit(picture_box(_tight(cell), cell.to_picture), prediction)]
    return NumberLine(digits, "ambiguous" if reason else None)


def _tight(cell: TextLine) -> Box:
    x, y, width, height = cell.box
    left, top, across, down = cv2.boundingRect((cell.drawing[y : y + height, x : x + width] > INK).astype(np.uint8))
    return (x + left, y + top, across, down) if across else cell.box


def _of_one_digit(digit: Drawing, model: LineModel) -> NDArray[np.float64]:
    """Return the (10,) probabilities of the digits, given that the line holds one."""
    height, width = digit.shape
    box = PAPER, PAPER, width - 2 * PAPER, height - 2 * PAPER
    try:
        logs = model.log_probabilities(strips.cut(digit, box).strip)
    except BlankDrawing:
        return np.full(DIGITS, 1 / DIGITS)
    scores = np.array([ctc.log_probability(logs, (value,)) for value in range(DIGITS)])
    likely = np.exp(scores - scores.max())
    probabilities: NDArray[np.float64] = likely / likely.sum()
    return probabilities


def _floored(probabilities: NDArray[np.float64]) -> Logs:
    logarithms: Logs = np.log(np.maximum(probabilities, FLOOR))
    return logarithms
