"""Tell, in a few microseconds, whether ink may be several digits side by side."""

from __future__ import annotations

import cv2

from models.arrays import Drawing

WIDE = 1.05
"""Width of the ink, in heights, from which it may be several digits that touch."""
FAINT = 0.35
"""Share of the darkest ink's level below which ink does not join what is beside it."""


def is_wide(ink: Drawing) -> bool:
    """Tell whether ink, cropped, is wide enough to be several digits that touch."""
    height, width = ink.shape
    wide: bool = width > WIDE * height
    return wide


def may_be_several(ink: Drawing) -> bool:
    """Tell whether ink is wide, or has a gap from top to bottom. Of single digits some do, and must be looked at."""
    left, top, width, height = cv2.boundingRect(ink)
    cropped = ink[top : top + height, left : left + width]
    columns = cv2.reduce(cropped, 0, cv2.REDUCE_MAX)
    columns = columns > FAINT * columns.max()
    return is_wide(cropped) or len(columns.tobytes().strip(b"\0").split(b"\0")) > 1
