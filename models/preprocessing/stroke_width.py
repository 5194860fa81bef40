"""Bring the strokes of any pen to the width that they have in MNIST."""

from __future__ import annotations

import math

import cv2
import numpy as np

from models.arrays import Drawing

WIDTH = (1.3, 2.0)
"""Narrowest and widest stroke, in pixels of MNIST's 20x20 box. Strokes outside are brought to the nearer limit; most
strokes of MNIST lie between."""
LEAST_GROWTH = 0.25
"""Pixels on each side of a stroke below which a change is not worth making."""
DISTANCE_MASK = 5
"""Size of the mask with which OpenCV measures distances, within 2 %."""

_SQUARE = np.ones((3, 3), np.uint8)


def mend_strokes(ink: Drawing, scale: float) -> Drawing:
    """Thicken strokes that are too thin and thin strokes that are too thick, until their width is within WIDTH.

    The width follows from an erosion: a stroke of length l and width w has the area l w, of which an erosion by one
    pixel takes 2 l. Edges are moved by distance, and so by fractions of a pixel too.

    Args:
        ink: (h, w) uint8; 0 paper, 255 ink.
        scale: pixels of `ink` per pixel of the 20x20 box.

    Returns:
        (h', w') uint8, larger than `ink` where strokes grew; not blank if `ink` has a stroke.
    """
    _, mask = cv2.threshold(ink, 127, 255, cv2.THRESH_BINARY)
    mask = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    area = cv2.countNonZero(mask)
    width = 2 * area / max(area - cv2.countNonZero(cv2.erode(mask, _SQUARE)), 1)
    growth = (min(max(width, WIDTH[0] * scale), WIDTH[1] * scale) - width) / 2
    if abs(growth) < LEAST_GROWTH:
        return ink
    if growth < 0:
        depth = cv2.distanceTransform(mask, cv2.DIST_L2, DISTANCE_MASK)
        thinned: Drawing = cv2.addWeighted(depth, 255, depth, 0, 255 * growth, dtype=cv2.CV_8U)
        return thinned
    margin = math.ceil(growth)
    around = cv2.copyMakeBorder(~mask, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255)
    distance = cv2.distanceTransform(around, cv2.DIST_L2, DISTANCE_MASK)
    thickened: Drawing = cv2.addWeighted(distance, -255, distance, 0, 255 * (growth + 1), dtype=cv2.CV_8U)
    return thickened
