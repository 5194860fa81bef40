"""Cut ink out, scale it, and put it into the middle of a canonical digit."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.arrays import Digit, Drawing
from models.preprocessing.mnist_geometry import CENTER, SIZE, center_of_mass

FINE = 4
"""Number of parts into which a pixel's side is divided to position the digit."""
FIT = 19 * FINE
"""Longest side of the positioned digit: wherever it lies, it covers 19 or 20 pixels."""


def cut(drawing: Drawing, rectangle: Sequence[int]) -> Drawing:
    """Cut out a rectangle (x, y, width, height)."""
    left, top, width, height = rectangle
    return drawing[top : top + height, left : left + width]


def scale(drawing: Drawing, longest: int) -> Drawing:
    """Scale the longest side to that many pixels and keep the aspect."""
    height, width = drawing.shape
    ratio = longest / max(width, height)
    size = max(round(width * ratio), 1), max(round(height * ratio), 1)
    scaled: Drawing = cv2.resize(drawing, size, interpolation=cv2.INTER_LINEAR)
    return scaled


def center(ink: Drawing) -> Digit:
    """Scale the longest side to 19 pixels and put the centre of mass at the centre, to a quarter of a pixel."""
    ink = scale(cut(ink, cv2.boundingRect(ink)), FIT)
    x, y = center_of_mass(ink)
    height, width = ink.shape
    left = min(max(round(FINE * CENTER - x), 0), FINE * SIZE - width)
    top = min(max(round(FINE * CENTER - y), 0), FINE * SIZE - height)
    columns, rows = _covered(left, width), _covered(top, height)
    fine = np.zeros((FINE * len(rows), FINE * len(columns)), np.uint8)
    fine[top % FINE : top % FINE + height, left % FINE : left % FINE + width] = ink
    digit = np.zeros((SIZE, SIZE), np.uint8)
    digit[rows.start : rows.stop, columns.start : columns.stop] = cv2.resize(
        fine, (len(columns), len(rows)), interpolation=cv2.INTER_AREA
    )
    return digit


def _covered(start: int, length: int) -> range:
    """Return the pixels that a stretch of FINE parts of pixels touches."""
    return range(start // FINE, -(-(start + length) // FINE))
