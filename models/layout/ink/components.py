"""Connected pieces of ink."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing, Mask
from models.preprocessing import pieces
from models.preprocessing.pieces import Pieces

MOST = 1000
"""Components that are looked at; of more, the largest."""
LOCAL = 0.4
"""Share of the darkest ink around above which a pixel is ink."""
AROUND = 24
"""Divisor of the longest side that gives the neighbourhood in which the darkest ink is looked for."""


def find(mask: Mask, smallest: int) -> Pieces:
    """Find the pieces of at least `smallest` pixels, at most MOST of them."""
    found = pieces.find(mask)
    found = found.chosen(found.area >= smallest)
    if len(found.numbers) > MOST:
        found = found.chosen(np.sort(np.argsort(-found.area, kind="stable")[:MOST]))
    return found


def ink_mask(ink: Drawing, floor: int) -> Mask:
    """Mark what is ink: darker than the floor, and not much paler than the darkest ink around it."""
    height, width = ink.shape
    step = max(max(height, width) // 256, 1)
    size = max(width // step, 1), max(height // step, 1)
    coarse = cv2.resize(cv2.dilate(ink, np.ones((step, step), np.uint8)), size, interpolation=cv2.INTER_NEAREST)
    reach = max(max(coarse.shape) // AROUND * 2 + 1, 3)
    darkest = cv2.blur(cv2.dilate(coarse, np.ones((reach, reach), np.uint8)), (reach, reach))
    level = cv2.max(cv2.convertScaleAbs(darkest, alpha=LOCAL), float(floor))
    mask: Mask = cv2.compare(ink, cv2.resize(level, (width, height), interpolation=cv2.INTER_LINEAR), cv2.CMP_GT)
    return mask
