"""Remove ruled and grid lines but keep the digit they cross.

Straight lines from edge to edge are erased by run length, as staff lines are erased from sheet music (Carter and Bacon
1992). Where the ink is much thicker than the line, a stroke crosses it and is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask
from models.errors import TakesLong
from models.preprocessing.line_detection import Rows, straight_paths

SMALLEST = 20
"""Shorter side of a drawing, in pixels, below which lines cannot be told from strokes."""
COARSE = 64
"""Longest side, in pixels, of the scaled-down drawing in which lines are looked for."""
THICKEST = 0.11
"""Largest thickness of a line as a share of the drawing's side."""
BULGE = 1.6
"""Multiple of the line's thickness above which a stroke crosses it."""
BEND = 0.25
"""Multiple of the line's thickness that the line may deviate from straight. Strokes of digits bend more."""
QUICK_SIDE = 40
"""Longest side, in pixels, of a mask in which lines are looked for quickly: the time grows with its cube."""
QUICK_LINES = 1
"""Number of lines in one direction that are followed quickly."""
MARGIN = 0.24
"""Share of the drawing's side. Ink between an edge and a line this close to it belongs to another cell."""


class _Line(NamedTuple):
    """A nearly horizontal line, column by column of the drawing.

    Attributes:
        found: (w,) whether the line is inked in a column.
        top: (w,) first row of the run of ink, where found.
        bottom: (w,) last row of the run of ink, where found.
        middle: (w,) row of the line.
        thickness: rows.
    """

    found: NDArray[np.bool_]
    top: Rows
    bottom: Rows
    middle: NDArray[np.float64]
    thickness: float

    @property
    def bare(self) -> NDArray[np.bool_]:
        """Tell in which columns no stroke crosses the line."""
        return self.found & (self.bottom - self.top < max(BULGE * self.thickness, self.thickness + 2))


def erase_lines(mask: Mask, quick: bool = False) -> Mask:
    """Erase straight lines from edge to edge that are nearly level or nearly upright.

    A single line is kept if all ink is connected: it is then a stroke of the digit that the drawing was cropped to, as
    the bar of a 7 or the base of a 2.

    Args:
        mask: (h, w) uint8; 0 paper, 255 ink.
        quick: give up a mask that is large, or may have more than QUICK_LINES lines in one direction.

    Returns:
        (h, w) uint8, the mask without the lines.

    Raises:
        TakesLong: it was to be quick.
    """
    if min(mask.shape) < SMALLEST:
        return mask
    if quick and max(mask.shape) > QUICK_SIDE:
        raise TakesLong
    level, upright = _lines(mask, quick), _lines(mask.T, quick)
    if not level and not upright:
        return mask
    if len(level) + len(upright) == 1 and _is_connected(mask):
        return mask
    erased = mask.copy()
    for line in level:
        _erase(erased, line)
    for line in upright:
        _erase(erased.T, line)
    return erased


def _is_connected(mask: Mask) -> bool:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return bool(areas.max() > 0.95 * areas.sum())


def _lines(mask: Mask, quick: bool) -> list[_Line]:
    """Find the nearly horizontal lines."""
    height, width = mask.shape
    scale = min(COARSE / max(height, width), 1)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    coarse = cv2.resize(np.ascontiguousarray(mask), size, interpolation=cv2.INTER_AREA)
    paths = straight_paths(coarse)
    if quick and len(paths) > QUICK_LINES:
        raise TakesLong
    traced = (_trace(mask, row / scale, slope) for row, slope in paths)
    return [line for line in traced if line]


def _trace(mask: Mask, row: float, slope: float) -> _Line | None:
    """Follow a candidate through the mask; None if it is too thick, too curved or crossed too often to be a line."""
    height, width = mask.shape
    columns = np.arange(width)
    path = np.rint(row + slope * (columns - (width - 1) / 2)).astype(np.intp)
    reach = max(round(1.3 * THICKEST * height), 3)
    rows = path + np.arange(-reach, reach + 1)[:, None]
    inked = (mask[np.clip(rows, 0, height - 1), columns] > 0) & (rows >= 0) & (rows < height)
    near = max(2, height // 40)
    start = np.full(width, reach)
    found = inked[reach].copy()
    for step in range(1, near + 1):
        for place in (reach - step, reach + step):
            fresh = ~found & inked[place]
            start[fresh] = place
            found |= fresh
    top, bottom = start - _run(inked, start, -1), start + _run(inked, start, 1)
    if not found.any():
        return None
    thickness = float(np.percentile((bottom - top + 1)[found], 35))
    line = _Line(found, rows[0] + top, rows[0] + bottom, path.astype(np.float64), thickness)
    bare = line.bare
    if thickness > THICKEST * min(height, width) or np.count_nonzero(bare) < 0.4 * width:
        return None
    middle = (line.top + line.bottom) / 2
    fit = np.polynomial.Polynomial.fit(columns[bare], middle[bare], 1)
    strays = np.percentile(abs(middle - fit(columns))[bare], 80)
    if strays > max(0.9, 0.012 * height, BEND * thickness):
        return None
    return line._replace(middle=fit(columns))


def _run(inked: NDArray[np.bool_], start: Rows, step: int) -> Rows:
    """Count the rows that are inked without a gap beyond `start`, downwards or upwards as `step` is 1 or -1."""
    columns = np.arange(inked.shape[1])
    run, going, at = np.zeros_like(start), np.ones(len(start), bool), start
    while going.any():
        at = at + step
        going = going & (at >= 0) & (at < len(inked))
        going = going & inked[np.clip(at, 0, len(inked) - 1), columns]
        run += going
    return run


def _erase(mask: Mask, line: _Line) -> None:
    """Erase the line in place, and the ink between it and an edge that is close."""
    height = len(mask)
    rows = np.arange(height)[:, None]
    bare = line.bare
    mask[bare & (rows >= line.top) & (rows <= line.bottom)] = 0
    half = line.thickness / 2 + 1
    place = float(np.median(line.middle))
    if place < MARGIN * height:
        mask[rows <= line.middle + half] = 0
    elif place > (1 - MARGIN) * height:
        mask[rows >= line.middle - half] = 0
