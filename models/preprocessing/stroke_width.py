"""Strokes of any pen -> strokes as wide as MNIST's writers'."""

from __future__ import annotations

import math

import cv2
import numpy as np

from models.arrays import Drawing

WIDTH = (1.3, 2.0)
"""Pixels of MNIST's 20x20 box: a pen thinner or wider than most of MNIST's is brought to the nearer end."""
LEAST_GROWTH = 0.25
"""Pixels at either side of a stroke that are not worth mending."""
DISTANCE = 5
"""Pixels of the mask by which distances are measured, within 2 %."""

_SQUARE = np.ones((3, 3), np.uint8)


def mend_strokes(ink: Drawing, scale: float) -> Drawing:
    """Thicken a thin pen, thin a thick one, until the stroke's width is within WIDTH.

    Of a stroke of length l and width w, whose area is l w, an erosion by one pixel takes 2 l. Its edges are moved by
    distance, and so by parts of a pixel too.

    Args:
        ink: (h, w) uint8; 0 paper, 255 ink.
        scale: its pixels in one of the 20x20 box.

    Returns:
        (h', w') uint8, with room for what has grown; not blank if `ink` has a stroke.
    """
    _, mask = cv2.threshold(ink, 127, 255, cv2.THRESH_BINARY)
    mask = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    area = cv2.countNonZero(mask)
    width = 2 * area / max(area - cv2.countNonZero(cv2.erode(mask, _SQUARE)), 1)
    growth = (min(max(width, WIDTH[0] * scale), WIDTH[1] * scale) - width) / 2
    if abs(growth) < LEAST_GROWTH:
        return ink
    if growth < 0:
        depth = cv2.distanceTransform(mask, cv2.DIST_L2, DISTANCE)
        thinned: Drawing = cv2.addWeighted(depth, 255, depth, 0, 255 * growth, dtype=cv2.CV_8U)
        return thinned
    margin = math.ceil(growth)
    around = cv2.copyMakeBorder(~mask, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255)
    distance = cv2.distanceTransform(around, cv2.DIST_L2, DISTANCE)
    thickened: Drawing = cv2.addWeighted(distance, -255, distance, 0, 255 * (growth + 1), dtype=cv2.CV_8U)
    return thickened
