"""Find the lines of a drawing whose strokes are known, and draw each level and as large as the reader needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.layout import pen
from models.layout.page import MOST_LINES, Page, TextLine
from models.layout.pen import Stroke
from models.layout.writing import reading_order

TALL = 0.5
"""Share of the usual height from which a stroke decides where a line is; lower ones join the line that is nearest."""
SIDE_BY_SIDE = 0.25
"""Share of the lower of two strokes' heights by which strokes of one line stand side by side."""
CLOSE, APART = 1.5, 6.0
"""Usual heights up to which strokes are close, and between two strokes of one line, at most."""
STACKED = 0.1
"""Usual heights between the two loops of an 8, one drawn right after the other, at most."""
LEVEL = 2.5
"""Usual heights that a line is long at least for its slope to be known."""
STEEPEST = 0.35
"""Slope of a line, at most."""
DIGIT = 64.0
"""Pixels of a stroke of usual height when it is drawn."""
MOST_HEIGHT, MOST_WIDTH = 112.0, 8192.0
"""Pixels of a line when it is drawn, without the pen, at most."""
PEN = 6
"""Width of the pen in pixels."""
MARGIN = 2 * PEN
"""Pixels of paper around a line."""
MOST_COORDINATE = 1e9
"""Points farther away are drawn there."""


def find_lines(strokes: Sequence[Stroke]) -> Page:
    """Find the lines of a drawing by its strokes.

    Args:
        strokes: each (n, 2) float64 points (x, y), y down, in the order in which they were drawn; "pixels of the
            picture" are the unit of the strokes.

    Returns:
        A page of at most MOST_LINES lines, the highest; of none if the strokes have no point.
    """
    written = [np.clip(stroke, -MOST_COORDINATE, MOST_COORDINATE) for stroke in strokes if len(stroke)]
    if not written:
        return Page([])
    boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in written])
    usual = _usual_height(boxes)
    lines = _grouped(boxes, usual)
    corners = [(*boxes[line, :2].min(axis=0), *boxes[line, 2:].max(axis=0)) for line in lines]
    if len(lines) > MOST_LINES:
        heights = [bottom - top for _, top, _, bottom in corners]
        highest = np.sort(np.argsort(heights, kind="stable")[-MOST_LINES:])
        lines, corners = [lines[at] for at in highest], [corners[at] for at in highest]
    order = reading_order.order([
        (round(left), round(top), round(right - left) + 1, round(bottom - top) + 1)
        for left, top, right, bottom in corners
    ])  # fmt: skip
    return Page([_text_line([written[stroke] for stroke in lines[at]], usual) for at in order])


def _usual_height(boxes: NDArray[np.float64]) -> float:
    """Return the median height of the taller half of the strokes, or what stands for it in a drawing of dashes."""
    heights = np.sort(boxes[:, 3] - boxes[:, 1])
    tall = float(np.median(heights[len(heights) // 2 :]))
    return max(tall, float((boxes[:, 2] - boxes[:, 0]).max()) / 8, 1e-9)


def _grouped(boxes: NDArray[np.float64], usual: float) -> list[list[int]]:
    """Group strokes into lines; the strokes of each are in the order in which they were drawn."""
    heights = boxes[:, 3] - boxes[:, 1]
    tall = np.flatnonzero(heights >= TALL * usual)
    if not len(tall):
        return [list(range(len(boxes)))]
    line_of = np.full(len(boxes), -1)
    line_of[tall] = _connected(boxes[tall], tall, usual)
    for small in np.flatnonzero(line_of < 0):
        apart = _gaps(boxes[small], boxes[tall])
        line_of[small] = line_of[tall[np.hypot(apart[:, 0], 2 * apart[:, 1]).argmin()]]
    return [np.flatnonzero(line_of == line).tolist() for line in np.unique(line_of)]


def _connected(boxes: NDArray[np.float64], drawn: NDArray[np.intp], usual: float) -> NDArray[np.intp]:
    """Return for each tall stroke the number of its line; `drawn` tells their order in time.

    A stroke is joined to those that are close and to the nearest one on its right, since farther ones on sloping lines
    may be of the next line.
    """
    line_of = np.arange(len(boxes))
    for at, box in enumerate(boxes):
        shared = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 1], box[1])
        beside = shared >= SIDE_BY_SIDE * np.minimum(boxes[:, 3] - boxes[:, 1], box[3] - box[1])
        across, down = _gaps(box, boxes).T
        right = np.where(beside & (boxes[:, 0] > box[2]), across, np.inf)
        near = (beside & (across <= CLOSE * usual)) | ((right == right.min()) & (right <= APART * usual))
        near |= (across == 0) & (down <= STACKED * usual) & (abs(drawn - drawn[at]) == 1)
        joined = np.zeros(len(boxes), bool)
        joined[line_of[near]] = joined[line_of[at]] = True
        line_of[joined[line_of]] = line_of[at]
    return line_of


def _gaps(box: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 2): the paper between a box and others, across and down."""
    return np.maximum(np.maximum(boxes[:, :2] - box[2:], box[:2] - boxes[:, 2:]), 0)


def _text_line(strokes: list[Stroke], usual: float) -> TextLine:
    points = np.concatenate(strokes)
    slope = _slope(strokes, usual)
    turn = np.array([[1.0, slope], [-slope, 1.0]]) / np.hypot(1.0, slope)
    level = points @ turn.T
    corner, extent = level.min(axis=0), np.ptp(level, axis=0)
    scale = min(DIGIT / usual, MOST_HEIGHT / max(extent[1], 1e-9), MOST_WIDTH / max(extent[0], 1e-9))
    placed = [(stroke @ turn.T - corner) * scale + MARGIN for stroke in strokes]
    width, height = (np.ceil(extent * scale).astype(int) + 2 * MARGIN).tolist()
    drawing = pen.draw(placed, (width, height), PEN)
    edge = MARGIN - PEN // 2
    box = edge, edge, width - 2 * edge, height - 2 * edge
    back = turn.T / scale
    to_picture = np.column_stack((back, turn.T @ corner - back @ (MARGIN, MARGIN)))
    return TextLine(drawing, box, to_picture, placed)


def _slope(strokes: list[Stroke], usual: float) -> float:
    """Fit how much a line falls from left to right, by the middles of its tall strokes."""
    boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in strokes])
    tall = boxes[boxes[:, 3] - boxes[:, 1] >= TALL * usual]
    if len(tall) < 3 or np.ptp(tall[:, [0, 2]]) < LEVEL * usual:
        return 0.0
    x, y = (tall[:, 0] + tall[:, 2]) / 2, (tall[:, 1] + tall[:, 3]) / 2
    spread = float(np.square(x - x.mean()).sum())
    if spread < usual**2:
        return 0.0
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / spread)
    return min(max(slope, -STEEPEST), STEEPEST)
