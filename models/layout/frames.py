"""Erase the straight lines of boxes, combs and underlines, where digits may touch them."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from models.arrays import Mask
from models.layout.components import Components

MOST = 40
"""Frames of a page that are looked at, the largest first."""
LOWEST = 14
"""Pixels of the lowest piece that may be a frame."""
LEVEL_RUN, UPRIGHT_RUN = 0.8, 0.82
"""Length of the lines of a frame in heights of it; narrower ones are as long as the frame is wide."""
THICKEST = 0.09
"""Largest width of a frame's line in heights of the frame, at least 3 pixels."""
UNDERLINE = 1.5
"""Smallest length of an underline that digits touch, in heights of the piece."""


class _Lines(NamedTuple):
    marked: Mask
    """The lines where no stroke crosses them."""
    count: int
    longest: int
    """Pixels."""


def erase(mask: Mask, found: Components, slope: float) -> bool:
    """Erase, in place, the lines of frames and underlines; returns whether there were any.

    Args:
        mask: (h, w) uint8, in which the pieces were found.
        found: the pieces.
        slope: of level lines, pixels down for each pixel to the right.
    """
    wide = np.flatnonzero((found.height >= LOWEST) & (found.width >= 0.5 * found.height))
    hollow = found.area[wide] < 0.5 * found.width[wide] * found.height[wide]
    largest = np.argsort(-(found.width * found.height)[wide[hollow]], kind="stable")[:MOST]
    usual = float(np.median(found.height[found.height >= LOWEST // 2])) if len(wide) else 0.0
    changed = False
    for at in wide[hollow][largest]:
        if found.height[at] < usual and found.width[at] < UNDERLINE * usual:
            continue
        changed |= _erase(mask, found, int(at), slope)
    return changed


def _erase(mask: Mask, found: Components, at: int, slope: float) -> bool:
    left, top, width, height = (int(part[at]) for part in (found.left, found.top, found.width, found.height))
    part = np.s_[top : top + height, left : left + width]
    own = np.where(found.labels[part] == found.numbers[at], mask[part], 0)
    thickest = max(round(THICKEST * height), 3)
    level = _lines(own, slope, min(round(LEVEL_RUN * height), round(0.8 * width)), thickest)
    upright = _lines(np.ascontiguousarray(own.T), -slope, round(UPRIGHT_RUN * height), thickest)
    is_box = level.count >= 2 or (level.count == 1 and upright.count >= 2)
    if not is_box and level.longest < UNDERLINE * height:
        return False
    own = cv2.subtract(own, level.marked)
    if is_box:
        own = cv2.subtract(own, upright.marked.T)
    mask[part][found.labels[part] == found.numbers[at]] = own[found.labels[part] == found.numbers[at]]
    return True


def _lines(own: Mask, slope: float, run: int, thickest: int) -> _Lines:
    """Find the thin level lines of at least `run` pixels."""
    height, width = own.shape
    room = round(abs(slope) * width / 2) + 2
    shear = np.array([[1, 0, 0], [-slope, 1, room + slope * width / 2]])
    size = width, height + 2 * room
    level = cv2.warpAffine(own, shear, size, flags=cv2.INTER_NEAREST)
    wide = cv2.dilate(level, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, max(run, 8)), np.uint8))
    thick = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((thickest + 3, 1), np.uint8))
    runs = cv2.subtract(runs, thick)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs)
    long = stats[:, cv2.CC_STAT_WIDTH] >= run
    long[0] = False
    lengths = stats[long, cv2.CC_STAT_WIDTH]
    if not len(lengths):
        return _Lines(np.zeros_like(own), 0, 0)
    marked = cv2.bitwise_and(np.where(long[labels], 255, 0).astype(np.uint8), level)
    usual = max(round(cv2.countNonZero(marked) / float(lengths.sum())), 1)
    crossing = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((usual + 3, 1), np.uint8))
    marked[crossing > 0] = 0
    back = cv2.warpAffine(marked, shear, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return _Lines(back, len(lengths), int(lengths.max()))
