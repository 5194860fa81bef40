"""Tell, in a few microseconds, whether ink may be several digits side by side."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing
from models.preprocessing import brackets, pieces
from models.preprocessing.pieces import Pieces

WIDE = 1.05
"""Width of the ink, in heights, from which it may be several digits that touch."""
HIGH, APART, SLENDER = 0.75, 0.08, 4.0
"""Smallest height of a stroke and of the ink beside it, in heights of the higher one; smallest gap between both in
heights of it; smallest length of a stroke in widths of the rectangle around it."""
FAINT = 0.35
"""Share of the darkest ink's level below which ink does not join what is beside it."""


def is_wide(ink: Drawing) -> bool:
    """Tell whether ink, cropped, is wide enough to be several digits that touch."""
    height, width = ink.shape
    wide: bool = width > WIDE * height
    return wide


def has_a_stroke_beside(ink: Drawing) -> bool:
    """Tell whether a straight, slender stroke stands beside other ink as high as it, as a 1 does in 10 to 19 or 21."""
    mask = cv2.threshold(ink, FAINT * float(ink.max()), 255, cv2.THRESH_BINARY)[1]
    found = pieces.find(mask)
    highest = found.height.max()
    found = found.chosen(found.height >= HIGH * highest)
    if len(found.numbers) != 2 or brackets.find(found, np.ones(2, bool)).alone.any():
        return False
    first, last = np.argsort(found.left)
    if found.left[last] - found.right[first] < APART * highest:
        return False
    return any(_is_straight(found, int(at)) for at in (first, last))


def _is_straight(found: Pieces, at: int) -> bool:
    _, (across, down), _ = cv2.minAreaRect(np.argwhere(found.own(at)).astype(np.float32))
    return bool(max(across, down) + 1 >= SLENDER * (min(across, down) + 1))


def may_be_several(ink: Drawing) -> bool:
    """Tell whether ink is wide, or has a gap from top to bottom. Of single digits some do, and must be looked at."""
    left, top, width, height = cv2.boundingRect(ink)
    cropped = ink[top : top + height, left : left + width]
    columns = cv2.reduce(cropped, 0, cv2.REDUCE_MAX)
    columns = columns > FAINT * columns.max()
    return is_wide(cropped) or len(columns.tobytes().strip(b"\0").split(b"\0")) > 1
