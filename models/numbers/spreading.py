"""Move the strokes of a line apart before it is read, so that the digits of a drawing never touch.

Strokes that share much of their width are of one digit, as the bar of a 5 or of a crossed 7, drawn later or not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing
from models.layout import pen, strokes
from models.layout.page import Box, TextLine
from models.layout.pen import Stroke

SHARED = 0.4
"""Share of the narrower stroke's width from which two strokes are of one digit."""
NARROWEST = 8.0
"""Pixels that a stroke is taken to be wide, at least: one that stands upright touches what it crosses."""
GAP = 10.0
"""Pixels between the strokes of two digits, at least; less the pen, that is 6 % of a digit's height."""


class SpreadLine(NamedTuple):
    """A line whose digits were moved to the right."""

    drawing: Drawing
    box: Box
    """Of its ink."""
    starts: NDArray[np.float64]
    """(n,) where each group of strokes begins in `drawing`, ascending."""
    shifts: NDArray[np.float64]
    """(n,) pixels by which each was moved."""

    def original(self, box: Box) -> Box:
        """Return where the ink in a box was before it was moved."""
        x, y, width, height = box
        left, right = x - self._shift(x + strokes.PEN), x + width - self._shift(x + width)
        return round(left), y, max(round(right - left), 1), height

    def _shift(self, column: float) -> float:
        at = int(self.starts.searchsorted(column, side="right")) - 1
        return float(self.shifts[max(at, 0)])


def spread(line: TextLine, written: Sequence[Stroke]) -> SpreadLine:
    """Move the digits of a line apart where they are closer than GAP.

    Args:
        line: as `layout.strokes` drew it.
        written: its strokes, at least one.
    """
    boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in written])
    moved = list(written)
    starts, shifts, shift, right = [], [], 0.0, -math.inf
    for group in _groups(boxes):
        first = float(boxes[group, 0].min())
        shift = max(shift, right + GAP - first)
        starts.append(first + shift)
        shifts.append(shift)
        right = float(boxes[group, 2].max()) + shift
        for at in group:
            moved[at] = written[at] + (shift, 0)
    extra = math.ceil(shift)
    height, width = line.drawing.shape
    drawing = pen.draw(moved, (width + extra, height), strokes.PEN)
    x, y, wide, high = line.box
    return SpreadLine(drawing, (x, y, wide + extra, high), np.array(starts), np.array(shifts))


def _groups(boxes: NDArray[np.float64]) -> list[list[int]]:
    """Group the strokes of each digit, from left to right."""
    groups: list[list[int]] = []
    for at in np.argsort(boxes[:, 0], kind="stable").tolist():
        same = [group for group in groups[-2:] if (_shared(boxes[at], boxes[group]) >= SHARED).any()]
        groups = [group for group in groups if group not in same]
        groups.append([each for group in same for each in group] + [at])
    return sorted(groups, key=lambda group: float(boxes[group, 0].min()))


def _shared(box: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n,): the width that a stroke shares with others, as a share of the narrower one's."""
    middles, halves = (boxes[:, 0] + boxes[:, 2]) / 2, np.maximum(boxes[:, 2] - boxes[:, 0], NARROWEST) / 2
    middle, half = (box[0] + box[2]) / 2, max(box[2] - box[0], NARROWEST) / 2
    common = np.minimum(middles + halves, middle + half) - np.maximum(middles - halves, middle - half)
    shared: NDArray[np.float64] = common / (2 * np.minimum(halves, half))
    return shared
