"""Straight paths through a drawing: ink summed along every slope, a Radon transform of a few degrees about level."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

STEEPEST = 0.22
"""Rise over run of the most tilted line: 12 degrees."""
INKED = 80
"""Level of a coarse pixel that a line is taken to cover."""
COVERAGE = 0.9
"""Share of a line's way through the drawing that is inked."""
END = 12
"""Both ends of a line, this part of the drawing's side long, are inked for at least a half."""
SHORTEST = 0.55
"""Share of the drawing's side that a line is long at least: others cut off a corner."""
APART = 0.09
"""Share of the drawing's side within which two lines are one."""
MOST_LINES = 24
"""In one direction."""

Rows = NDArray[np.intp]


def straight_paths(coarse: NDArray[np.uint8]) -> list[tuple[float, float]]:
    """Find the nearly level paths through a drawing that are inked all along, the darkest first.

    Args:
        coarse: (h, w) uint8; 0 paper, 255 ink; small, since every path through it is looked at.

    Returns:
        For each path its row in the middle column, pixels, and its slope, rows a column.
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
    """Each next one rises by one pixel more from the middle column to the last."""
    steps = max(int(np.ceil(STEEPEST * width / 2)), 1)
    return np.arange(-steps, steps + 1) / steps * STEEPEST


@functools.lru_cache(maxsize=16)
def _paths(height: int, width: int) -> tuple[Rows, NDArray[np.bool_]]:
    """(slopes, height, width): the row of each column on the path through each row of the middle one; is it inside."""
    rises = np.rint(_slopes(width)[:, None] * (np.arange(width) - (width - 1) / 2)).astype(np.intp)
    rows = np.arange(height)[None, :, None] + rises[:, None, :]
    return np.clip(rows, 0, height - 1), (rows >= 0) & (rows < height)
