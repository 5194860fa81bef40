"""Erase the straight lines of boxes, combs and underlines, where digits may touch them."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask
from models.layout.ink.rules import crossed
from models.preprocessing.pieces import Pieces

MOST = 40
"""Frames of a page that are looked at, the largest first."""
LOWEST = 14
"""Pixels of the lowest piece that may be a frame."""
LEVEL_RUN, UPRIGHT_RUN = 0.8, 0.82
"""Length of the lines of a frame in heights of it; narrower ones are as long as the frame is wide."""
THICKEST = 0.14
"""Largest width of a frame's line in heights of the frame, at least 4 pixels."""
WIDE, HIGH = 1.6, 1.15
"""Width or height of a frame, at least, in heights of the usual piece."""
WHOLE = 0.65
"""Share of a frame's width that its longest level line covers; the flat part of a ring is shorter."""
APART = 0.5
"""Smallest distance of two lines of a box, share of its height or width."""
UNDERLINE = 1.5
"""Smallest length of an underline that digits touch, in heights of the piece."""


class _Lines(NamedTuple):
    marked: Mask
    """The lines where no stroke crosses them."""
    longest: int
    """Pixels; 0 if there is none."""
    spread: float
    """Pixels from the first one to the last one."""


def erase(mask: Mask, found: Pieces, slope: float) -> bool:
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
        if found.width[at] < WIDE * usual and (found.height[at] < HIGH * usual or found.width[at] < 0.8 * usual):
            continue
        changed |= _erase(mask, found, int(at), slope)
    return changed


def erase_outlines(mask: Mask, found: Pieces, rings: NDArray[np.intp]) -> None:
    """Erase, in place, the outer edge of pieces that are drawn around others: digits that touch it from inside stay."""
    for at in rings:
        left, top, width, height = (int(part[at]) for part in (found.left, found.top, found.width, found.height))
        part = np.s_[top : top + height, left : left + width]
        own = np.where(found.labels[part] == found.numbers[at], mask[part], 0)
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        length = sum(len(outline) for outline in outlines)
        pen = max(round(2 * float(found.area[at]) / max(length, 1)), 2)
        band = np.zeros_like(own)
        cv2.drawContours(band, outlines, -1, 255, 2 * pen + 1)
        mask[part][(band > 0) & (own > 0)] = 0


def _erase(mask: Mask, found: Pieces, at: int, slope: float) -> bool:
    left, top, width, height = (int(part[at]) for part in (found.left, found.top, found.width, found.height))
    part = np.s_[top : top + height, left : left + width]
    own = np.where(found.labels[part] == found.numbers[at], mask[part], 0)
    thickest = max(round(THICKEST * height), 4)
    level = _lines(own, slope, _level_run(width, height), thickest)
    upright = _lines(np.ascontiguousarray(own.T), -slope, round(UPRIGHT_RUN * height), thickest)
    is_box = level.spread >= APART * height or (level.longest > 0 and upright.spread >= APART * width)
    if level.longest < WHOLE * width or (not is_box and level.longest < UNDERLINE * height):
        return False
    own = cv2.subtract(own, level.marked)
    if is_box:
        own = cv2.subtract(own, upright.marked.T)
    mask[part][found.labels[part] == found.numbers[at]] = own[found.labels[part] == found.numbers[at]]
    return True


def _level_run(width: int, height: int) -> int:
    """Return the length of a frame's level lines: arcs of a circle around a number are no such lines."""
    return min(round(max(LEVEL_RUN * height, 0.5 * width)), round(0.8 * width))


def _lines(own: Mask, slope: float, run: int, thickest: int) -> _Lines:
    """Find the thin level lines of at least `run` pixels."""
    height, width = own.shape
    room = round(abs(slope) * width / 2) + 2
    shear = np.array([[1, 0, 0], [-slope, 1, room + slope * width / 2]])
    size = width, height + 2 * room
    level = cv2.warpAffine(own, shear, size, flags=cv2.INTER_NEAREST)
    wide = cv2.dilate(level, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, max(run, 8)), np.uint8))
    _, labels, stats, centers = cv2.connectedComponentsWithStats(runs)
    lengths = stats[:, cv2.CC_STAT_WIDTH]
    thick = np.bincount(labels[(level > 0) & (runs > 0)], minlength=len(stats)) / np.maximum(lengths, 1)
    chosen = (lengths >= run) & (thick <= thickest)
    chosen[0] = False
    if not chosen.any():
        return _Lines(np.zeros_like(own), 0, 0.0)
    marked = cv2.bitwise_and(np.where(chosen[labels], 255, 0).astype(np.uint8), level)
    usual = max(round(float(np.median(thick[chosen]))), 1)
    marked[crossed(level, usual) > 0] = 0
    back = cv2.warpAffine(marked, shear, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    places = centers[chosen, 1]
    return _Lines(back, int(lengths[chosen].max()), float(np.ptp(places)))
