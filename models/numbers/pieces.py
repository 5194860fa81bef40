"""Cut a line into its digits, so that none has ink of its neighbour.

Between two digits lies a column of paper, or else a seam: the way from the upper edge to the lower one that crosses
the least ink (Avidan and Shamir 2007), as slanted and touching digits need. Dashes, points and other signs that stand
beside a digit are left out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing
from models.layout.page import Box
from models.numbers import strips
from models.numbers.strips import HEIGHT, Line

FINE = 2
"""Pixels of the fine strip, from which digits are cut, for each pixel of the strip."""
ROWS = FINE * HEIGHT
INK = 0.25
"""Share of the strip's darkest ink from which a pixel belongs to a digit."""
REACH = 0.9
"""Farthest that a digit without a neighbour reaches from its center, share of the rows."""
STRAIGHT = 0.1
"""Cost of a seam at the edge of its band, a row, in pixels of ink; at the middle it is 0."""
BESIDE = 0.06
"""Paper between a digit and a mark beyond which the mark is a sign of its own, share of the rows."""
FORBIDDEN = 1e6
"""Cost of columns outside of a band: more than a seam through ink from top to bottom."""

Seam = NDArray[np.intp]
"""(ROWS,) the first column of each row that belongs to the digit on the right."""


class Place(NamedTuple):
    """Where a digit is, in pixels of the strip."""

    left: float | None
    """Center of the digit before it; None if there is none."""
    center: float
    right: float | None


class _Fine(NamedTuple):
    """A place in columns of the fine strip."""

    left: int | None
    center: int
    right: int | None


class Piece(NamedTuple):
    """A digit that was cut out."""

    ink: Drawing
    """(h, w) uint8, cut tightly; (1, 1) and without ink if there is none."""
    box: Box
    """x, y, width, height in pixels of the drawing that the strip was cut from, not rounded beyond it."""


class Cutter:
    """Cuts the digits of one line.

    Args:
        drawing: that the line was cut from.
        line: its strip and its place.
    """

    def __init__(self, drawing: Drawing, line: Line) -> None:
        self._line, self._size = line, drawing.shape
        columns = FINE * line.strip.shape[1]
        self._ink = strips.sampled(drawing, line.left, line.top, line.scale / FINE, columns, ROWS)
        level = max(float(self._ink.max()), 1.0)
        self._mask: NDArray[np.bool_] = np.asarray(self._ink > INK * level)
        self._columns: NDArray[np.bool_] = np.asarray(self._mask.any(axis=0))
        self._inked = np.flatnonzero(self._columns)
        self._seams: dict[tuple[int, int], Seam] = {}

    def cut(self, places: Sequence[Place]) -> list[Piece]:
        """Cut out the digits at these places; each is cut as if it were read beside the neighbours that it names."""
        fine = [
            _Fine(
                None if place.left is None else self._on_ink(place.left),
                self._on_ink(place.center),
                None if place.right is None else self._on_ink(place.right),
            )
            for place in places
        ]
        self._find_seams({place[:2] for place in fine} | {place[1:] for place in fine})
        return [self._piece(place) for place in fine]

    def covered(self, boxes: Sequence[Box]) -> float:
        """Return the share of the line's inked columns that lie in boxes of pieces."""
        inside = np.zeros_like(self._columns)
        step = self._line.scale / FINE
        for x, _, width, _ in boxes:
            first, last = (round((edge - self._line.left) / step) for edge in (x, x + width))
            inside[max(first, 0) : max(last, 0)] = True
        return float((inside & self._columns).sum() / max(self._columns.sum(), 1))

    def _on_ink(self, center: float) -> int:
        """Return the inked column of the fine strip that is nearest to a center in pixels of the strip."""
        column = round(FINE * center)
        after = int(self._inked.searchsorted(column))
        near = self._inked[max(after - 1, 0) : after + 1].tolist()
        return min(near, key=lambda inked: abs(inked - column), default=column)

    def _find_seams(self, pairs: Iterable[tuple[int | None, int | None]]) -> None:
        crossed = []
        for left, right in pairs:
            if left is None or right is None or (left, right) in self._seams:
                continue
            first, last = left, max(right, left + 1)
            paper = np.flatnonzero(~self._columns[first:last])
            if paper.size:
                column = first + int(paper[abs(paper - (last - first) / 2).argmin()])
                self._seams[left, right] = np.full(ROWS, column)
            else:
                crossed.append((left, right))
        if crossed:
            self._seams |= zip(crossed, _seams(self._ink, np.array(crossed)), strict=True)

    def _piece(self, place: _Fine) -> Piece:
        start, stop = self._edge(place.left, place.center), self._edge(place.center, place.right)
        first, last = max(int(start.min()), 0), max(int(stop.max()), int(start.min()) + 1, 1)
        columns = np.arange(first, last)
        between = self._mask[:, first:last] & (columns >= start[:, None]) & (columns < stop[:, None])
        mask = _main(between.astype(np.uint8), place.center - first)
        x, y, width, height = cv2.boundingRect(mask)
        if not width:
            return Piece(np.zeros((1, 1), np.uint8), self._box(place.center, 0, 1, ROWS))
        around = cv2.dilate(mask, np.ones((3, 3), np.uint8))[y : y + height, x : x + width]
        ink = self._ink[y : y + height, first + x : first + x + width] * around
        return Piece(ink, self._box(first + x, y, width, height))

    def _edge(self, left: int | None, right: int | None) -> Seam:
        """Return the seam between two centers, or as far from the one center as a digit reaches."""
        if left is None:
            assert right is not None
            return np.full(ROWS, max(round(right - REACH * ROWS), 0))
        if right is None:
            return np.full(ROWS, min(round(left + REACH * ROWS), self._ink.shape[1]))
        return self._seams[left, right]

    def _box(self, x: int, y: int, width: int, height: int) -> Box:
        scale, line = self._line.scale / FINE, self._line
        rows, columns = self._size
        left, top = max(round(line.left + scale * x), 0), max(round(line.top + scale * y), 0)
        right = min(round(line.left + scale * (x + width)), columns)
        bottom = min(round(line.top + scale * (y + height)), rows)
        return left, top, max(right - left, 1), max(bottom - top, 1)


def _main(mask: NDArray[np.uint8], center: float) -> NDArray[np.uint8]:
    """Keep the largest component and those above, below and close beside it."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count <= 2:
        return mask
    left, width = stats[1:, cv2.CC_STAT_LEFT], stats[1:, cv2.CC_STAT_WIDTH]
    right = left + width
    away = np.maximum(np.maximum(left - center, center - right), 0)
    main = int((stats[1:, cv2.CC_STAT_AREA] / (1 + away)).argmax())
    gaps = np.maximum(left - right[main], left[main] - right)
    kept = np.concatenate(([False], gaps < BESIDE * ROWS))
    main_only: NDArray[np.uint8] = kept[labels].astype(np.uint8)
    return main_only


def _seams(ink: Drawing, bands: NDArray[np.intp]) -> list[Seam]:
    """Find the seam within each band, (n, 2) first column and one after the last."""
    first = bands[:, 0]
    widths = np.maximum(bands[:, 1] - first, 1)
    steps = np.arange(int(widths.max()))
    columns = np.minimum(first[:, None] + steps, ink.shape[1] - 1)
    half = widths[:, None] / 2
    cost = ink[:, columns] / 255.0 + STRAIGHT * ((steps - half) / half) ** 2
    cost[:, steps >= widths[:, None]] = FORBIDDEN
    total = np.full((ROWS, len(first), len(steps) + 2), FORBIDDEN)
    total[0, :, 1:-1] = cost[0]
    for row in range(1, ROWS):
        before = total[row - 1]
        total[row, :, 1:-1] = cost[row] + np.minimum(np.minimum(before[:, :-2], before[:, 1:-1]), before[:, 2:])
    each = np.arange(len(first))
    path = np.empty((ROWS, len(first)), int)
    path[-1] = total[-1].argmin(axis=1)
    for row in range(ROWS - 2, -1, -1):
        near = path[row + 1][:, None] + (-1, 0, 1)
        path[row] = path[row + 1] + total[row][each[:, None], near].argmin(axis=1) - 1
    return [first[at] + path[:, at] - 1 for at in range(len(first))]
