"""Tell lines under or over a digit from its own strokes: the bar of a 5, the foot of a 1."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask
from models.preprocessing.pieces import Pieces
from models.preprocessing.several_digits import is_wide

FLAT, RISE = 3.5, 0.25
"""Smallest length of a line in widths of its stroke; its largest height, less its stroke, in lengths of it."""
ACROSS = 0.5
"""Share of the digit's width that lies over or under a line, at least."""
BELOW, ABOVE = 0.04, 0.03
"""Smallest gap between a digit and a line under or over it, in heights of the digit. Feet and bars lie closer."""
CLEAR, CLEAR_PIXELS = 0.1, 2
"""Gap from which a line is surely no foot of a digit that was drawn in parts, in heights of the digit and in pixels."""
BEYOND, FAR, EVEN = 0.08, 0.25, 0.7
"""Length by which a line over a digit, and one that touches it, reaches beyond it on both sides, at least, in heights
of the digit; share that the lesser of both has of the other where it touches. Bars and feet reach far on one side."""
RUN, TILTED = 0.6, 0.05
"""Length of the level run of a line that touches the digit, share of the ink's width; share of its height
over which it may rise, at least 3 rows."""
HIGH, THICKEST = 0.55, 0.2
"""Height of the digit over such a line, at least, and of the line with what is under it, at most, share of the ink's
height."""


class Lines(NamedTuple):
    """Pieces that are level lines under or over others."""

    certain: NDArray[np.bool_]
    perhaps: NDArray[np.bool_]
    """So close that they may be a part of the digit."""


def find(found: Pieces, kept: NDArray[np.bool_]) -> Lines:
    """Tell which pieces, of those that are kept, are level lines under or over the rest."""
    stroke = found.area / np.maximum(found.width, 1)
    flat = kept & (found.width >= FLAT * stroke) & (found.height - stroke <= RISE * found.width)
    rest = kept & ~flat
    if not flat.any() or not rest.any():
        return Lines(np.zeros_like(flat), np.zeros_like(flat))
    left, right = found.left[rest].min(), found.right[rest].max()
    top, bottom = found.top[rest].min(), found.bottom[rest].max()
    high = bottom - top
    shared = np.minimum(found.right, right) - np.maximum(found.left, left)
    across = shared >= ACROSS * (right - left)
    under = found.top - bottom >= np.maximum(BELOW * high, 1)
    beyond = (left - found.left >= BEYOND * high) & (found.right - right >= BEYOND * high)
    over = (top - found.bottom >= np.maximum(ABOVE * high, 1)) & beyond
    lines = flat & across & (under | over)
    clear = np.maximum(found.top - bottom, top - found.bottom) >= max(CLEAR * high, CLEAR_PIXELS)
    return Lines(lines & clear, lines & ~clear)


def erase_touching(mask: Mask) -> Mask | None:
    """Erase a line that the digit stands on, and which makes the ink wider than a digit.

    Args:
        mask: (h, w) uint8; 0 paper, 255 ink.

    Returns:
        None if there is none.
    """
    box = cv2.boundingRect(mask)
    left, top, width, height = box
    inked = mask[top : top + height, left : left + width]
    if not is_wide(inked):
        return None
    tilted = max(2 * round(TILTED * height / 2) + 1, 3)
    level = cv2.dilate(inked, np.ones((tilted, 1), np.uint8))
    runs = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((1, max(round(RUN * width), 1)), np.uint8))
    rows = np.flatnonzero(runs.any(axis=1))
    if not len(rows) or rows[0] < HIGH * height:
        return None
    start = int(rows[0]) + tilted // 2
    if height - start > THICKEST * height + tilted:
        return None
    digit = _largest(cv2.subtract(inked[:start], runs[:start]))
    at, _, across, high = cv2.boundingRect(digit)
    beyond = sorted((at, width - at - across))
    if high < HIGH * height or beyond[0] < max(FAR * high, EVEN * beyond[1]):
        return None
    erased = np.zeros_like(mask)
    erased[top : top + start, left : left + width] = digit
    return erased


def _largest(mask: Mask) -> Mask:
    """Keep the largest piece: what is left of a tilted line are small ones."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if count > 1 else 0
    kept: Mask = np.where(labels == largest, mask, 0).astype(np.uint8)
    return kept
