"""Find straight, nearly level lines: a Radon transform over a few degrees, which sums the ink along every path."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

STEEPEST = 0.22
"""Rise over run of the most tilted line: 12 degrees."""
INKED = 80
"""Level from which a pixel of the coarse drawing counts as covered by a line."""
COVERAGE = 0.9
"""Smallest share of a line's path through the drawing that is inked."""
END = 12
"""Divisor of the drawing's width that gives the length of a line's ends. Each end is inked for at least a half."""
SHORTEST = 0.55
"""Smallest length of a line as a share of the drawing's width. Shorter paths only cut a corner."""
APART = 0.09
"""Distance, as a share of the drawing's height, below which two paths are one line."""
MOST_LINES = 24
"""Largest number of lines found in one direction."""

Rows = NDArray[np.intp]
"""Row numbers, one for each column of a drawing or of several."""


def straight_paths(coarse: NDArray[np.uint8]) -> list[tuple[float, float]]:
    """Find the nearly level paths that are inked from end to end, the darkest first.

    Args:
        coarse: (h, w) uint8; 0 paper, 255 ink; small, since every path through it is examined.

    Returns:
        For each path: its row in the middle column in pixels, and its slope in rows per column.
    """
    height, width = coarse.shape
    rows, inside = _paths(height, width)
    columns = np.arange(width)
    wide = cv2.dilate(coarse, np.ones((3, 1), np.uint8))
    inked = np.where(inside, wide[rows, columns] >= INKED, False)
    lengths = np.maximum(inside.sum(axis=2), 1)
    before = np.concatenate([np.zeros((*lengths.shape, 1), np.intp), inked.cumsum(axis=2)], axis=2)
    first = inside.argmax(axis=2)
    end = max(width // END, 1)
    head = _at(before, np.minimum(first + end, width)) - _at(before, first)
    tail = _at(before, first + lengths) - _at(before, np.maximum(first + lengths - end, 0))
    darkness = np.where(inside, coarse[rows, columns], 0).sum(axis=2) / lengths
    through = (before[:, :, -1] >= COVERAGE * lengths) & (2 * head >= end) & (2 * tail >= end)
    darkness[~through | (lengths < SHORTEST * width)] = 0
    slopes = _slopes(width)
    starts = np.arange(height) - slopes[:, None] * width / 2
    ends = np.arange(height) + slopes[:, None] * width / 2
    found: list[tuple[float, float]] = []
    while len(found) < MOST_LINES and darkness.any():
        slope, row = divmod(int(darkness.argmax()), height)
        found.append((row + 0.5, float(slopes[slope])))
        at_start, at_end = starts - starts[slope, row], ends - ends[slope, row]
        same = (np.minimum(abs(at_start), abs(at_end)) < APART * height) | (at_start * at_end < 0)
        darkness[same] = 0
    return found


def _at(sums: NDArray[np.intp], index: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.take_along_axis(sums, index[:, :, None], axis=2)[:, :, 0]


@functools.lru_cache(maxsize=64)
def _slopes(width: int) -> NDArray[np.float64]:
    """Return the slopes of all paths. From one to the next, the path's end rises by one pixel."""
    steps = max(int(np.ceil(STEEPEST * width / 2)), 1)
    return np.arange(-steps, steps + 1) / steps * STEEPEST


@functools.lru_cache(maxsize=16)
def _paths(height: int, width: int) -> tuple[Rows, NDArray[np.bool_]]:
    """Return as (slopes, height, width) each path's row in each column, and whether it is inside the drawing."""
    rises = np.rint(_slopes(width)[:, None] * (np.arange(width) - (width - 1) / 2)).astype(np.intp)
    rows = np.arange(height)[None, :, None] + rises[:, None, :]
    return np.clip(rows, 0, height - 1), (rows >= 0) & (rows < height)
