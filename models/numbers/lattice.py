"""Weigh the readings of a line by the network for single digits: each digit is cut out, canonicalized and judged."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel, Prediction
from models.numbers import ctc
from models.numbers.ctc import STRIDE, Logs, Reading, Span
from models.numbers.strips import Line
from models.preprocessing.canonicalize import canonicalize

WEIGHT = 0.25
"""Of the single digits' log probabilities beside the line's; chosen on numbers by writers of the validation part."""
FLOOR = 0.02
"""Least probability of a single digit: cut out of its line, it may be cut badly."""
PAPER = 2
"""Pixels around a digit that is cut out."""
PLAUSIBLE = 6.0
"""Readings whose log probability is this far below the best are not judged."""

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the drawing."""


class JudgedDigit(NamedTuple):
    """A digit of a reading."""

    digit: int
    span: Span
    box: Box
    """Of its ink."""
    prediction: Prediction
    """What the network for single digits says of it alone."""


class JudgedReading(NamedTuple):
    """A reading with its digits; the score is that of the lattice."""

    digits: list[JudgedDigit]
    log_probability: float
    score: float


def judge(
    drawing: Drawing, line: Line, logs: Logs, readings: Sequence[Reading], model: DigitModel, weight: float = WEIGHT
) -> list[JudgedReading]:
    """Judge the readings of a line, and those in which a single digit is replaced by the model's.

    Args:
        drawing: that the line was cut from.
        line: the strip and its place.
        logs: of the strip.
        readings: likeliest first; at least one.
        model: reads single digits.
        weight: of the single digits beside the line.

    Returns:
        Readings by their score, best first; at least one.
    """
    lattice = _Lattice(drawing, line, logs, model)
    likeliest = readings[0].log_probability
    plausible = [reading for reading in readings if reading.log_probability > likeliest - PLAUSIBLE]
    judged = [_judged(lattice, reading.digits, reading.log_probability, weight) for reading in plausible]
    known = {reading.digits for reading in plausible}
    for at, digit in enumerate(judged[0].digits):
        if digit.prediction.digit is None:
            continue
        replaced = (*plausible[0].digits[:at], digit.prediction.digit, *plausible[0].digits[at + 1 :])
        if replaced not in known:
            judged.append(_judged(lattice, replaced, ctc.log_probability(logs, replaced), weight))
    return sorted(judged, key=lambda reading: -reading.score)


def margin(scores: Sequence[float]) -> float:
    """Return by how much the best of some readings is likelier than the next, 0 to 1."""
    weights = np.sort(np.exp(np.array(scores) - max(scores)))[::-1]
    return float((weights[0] - (weights[1] if len(weights) > 1 else 0)) / weights.sum())


class _Lattice:
    """The digits between any two columns, each cut out and judged once."""

    def __init__(self, drawing: Drawing, line: Line, logs: Logs, model: DigitModel) -> None:
        self._drawing, self._line, self._logs, self._model = drawing, line, logs, model
        self._ink = line.strip.sum(axis=0, dtype=np.int64)
        self._known: dict[tuple[int, int], tuple[Box, Prediction]] = {}

    def digits(self, digits: tuple[int, ...]) -> list[JudgedDigit]:
        spans = ctc.align(self._logs, digits) or []
        cuts = self._cuts(spans) if spans else [0]
        return [
            JudgedDigit(span.digit, span, *self._judged(start, stop))
            for span, start, stop in zip(spans, cuts[:-1], cuts[1:], strict=True)
        ]

    def _cuts(self, spans: list[Span]) -> list[int]:
        """Cut between two digits where there is the least ink, near the middle of the two."""
        width = len(self._ink)
        middles = [(span.start + span.stop) * STRIDE // 2 for span in spans]
        cuts = [0]
        for left, right in itertools.pairwise(middles):
            quarter = (right - left) // 4
            first, last = left + quarter, max(right - quarter, left + quarter + 1)
            columns = np.arange(first, last)
            cost = self._ink[first:last] + 4.0 * abs(columns - (left + right) / 2)
            cuts.append(max(int(columns[cost.argmin()]), cuts[-1] + 1))
        return [*cuts, max(width, cuts[-1] + 1)]

    def _judged(self, start: int, stop: int) -> tuple[Box, Prediction]:
        if (start, stop) not in self._known:
            box = self._box(start, stop)
            x, y, width, height = box
            try:
                # with paper around it: ink from edge to edge would be searched for ruled lines
                digit = canonicalize(np.pad(self._drawing[y : y + height, x : x + width], PAPER))
                prediction = self._model.classify([digit])[0]
            except BlankDrawing:
                prediction = Prediction(None, [0.1] * 10, 0.0, "blank")
            self._known[start, stop] = box, prediction
        return self._known[start, stop]

    def _box(self, start: int, stop: int) -> Box:
        """Return the box of the ink between two columns of the strip, in pixels of the drawing."""
        line, (height, width) = self._line, self._drawing.shape
        left, right = (min(max(round(line.left + at * line.scale), 0), width) for at in (start, stop))
        top = min(max(round(line.top), 0), height)
        bottom = min(max(round(line.top + len(line.strip) * line.scale), 0), height)
        inked = self._drawing[top:bottom, left:right] > 64
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        if not rows.size:
            return left, top, max(right - left, 1), max(bottom - top, 1)
        x, y = left + int(columns[0]), top + int(rows[0])
        return x, y, int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1


def _judged(lattice: _Lattice, digits: tuple[int, ...], log_probability: float, weight: float) -> JudgedReading:
    judged = lattice.digits(digits)
    alone = sum(_log(digit.prediction.probabilities, digit.digit) for digit in judged)
    return JudgedReading(judged, log_probability, log_probability + weight * alone)


def _log(probabilities: Sequence[float], digit: int) -> float:
    values: NDArray[np.float64] = np.maximum(np.array(probabilities), FLOOR)
    return float(np.log(values[digit]))
