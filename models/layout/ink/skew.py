"""Estimate the slope of rows and rules by projection: level ones make rows of pixels very full or very empty."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Mask
from models.layout.page import scale_down

COARSE = 320
"""Longest side, in pixels, of the mask that is projected."""
STEEPEST = 0.21
"""Rise over run of the steepest rows: 12 degrees."""
STEPS = (0.03, 0.01, 0.003)
"""Steps of the slopes that are tried, each time around the best one so far."""
CERTAIN = 1.15
"""How much sharper than the level projection that of a slope must be."""


def estimate(mask: Mask) -> float:
    """Estimate the slope in pixels down for each pixel to the right; 0 if nothing tells it."""
    coarse = scale_down(mask, COARSE / max(mask.shape))
    best, level = 0.0, _sharpness(coarse, 0.0)
    most = level
    reach = STEEPEST
    for step in STEPS:
        tried = best + np.arange(-reach, reach + step / 2, step)
        values = [_sharpness(coarse, slope) for slope in tried]
        at = int(np.argmax(values))
        if values[at] > most:
            best, most = float(tried[at]), values[at]
        reach = step
    return best if most > CERTAIN * level else 0.0


def _sharpness(coarse: Mask, slope: float) -> float:
    height, width = coarse.shape
    room = round(STEEPEST * width / 2) + 1
    shear = np.array([[1, 0, 0], [-slope, 1, room + slope * width / 2]])
    sheared = cv2.warpAffine(coarse, shear, (width, height + 2 * room), flags=cv2.INTER_LINEAR)
    profile = cv2.reduce(sheared, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F).ravel()
    return float(np.square(np.diff(profile)).sum())
