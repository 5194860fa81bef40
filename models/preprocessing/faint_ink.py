"""Tell faint ink on clean paper from the grain of blank paper: pictures of few grey levels, pale pencils."""

from __future__ import annotations

import cv2

from models.arrays import Drawing
from models.errors import BlankDrawing

PALEST = 5
"""Level of the palest ink that is read."""
BINARY = 1
"""Level of the ink in a picture of two values, such as 0 and 1."""
MOST_PIECES = 12
"""Pieces of faint ink, at most. Grain has hundreds."""
COVERED = 0.5
"""Share of the drawing that faint ink covers, at most."""
LARGEST = 0.1
"""Longest side of the largest piece, at least, share of the drawing's shorter side, and at least 5 pixels."""


def stretch(drawing: Drawing) -> Drawing:
    """Stretch faint ink to 255.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink.

    Raises:
        BlankDrawing: there is no ink, or nothing but grain.
    """
    darkest = int(drawing.max())
    if darkest != BINARY and darkest < PALEST:
        raise no_ink()
    _, mask = cv2.threshold(drawing, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count - 1 > MOST_PIECES or cv2.countNonZero(mask) > COVERED * mask.size:
        raise no_ink()
    largest = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max()
    if largest < max(LARGEST * min(mask.shape), 5):
        raise no_ink()
    stretched: Drawing = cv2.convertScaleAbs(drawing, alpha=255 / darkest)
    return stretched


def no_ink() -> BlankDrawing:
    """Say that a drawing is blank."""
    return BlankDrawing("There is no ink in the drawing; draw a digit.")
