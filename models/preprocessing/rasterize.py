"""Draw pen strokes with a pen like that of MNIST's writers."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import BlankDrawing

EXTENT = 160
"""Longest side of the strokes, in pixels, without the width of the pen."""
PEN = 17
"""Width of the pen in pixels."""
MARGIN = PEN
"""Pixels of paper around the strokes."""
SUBPIXEL_BITS = 4
"""Points are positioned to 1/16 of a pixel."""


def draw(strokes: Sequence[NDArray[np.float64]]) -> NDArray[np.uint8]:
    """Draw strokes to fill the drawing, whatever their unit and position.

    Args:
        strokes: each (n, 2) float64 points (x, y), y down; a single point is a dot.

    Returns:
        (h, w) uint8; 0 paper, 255 ink.

    Raises:
        BlankDrawing: the strokes have no point.
    """
    paths = [stroke for stroke in strokes if len(stroke)]
    if not paths:
        raise BlankDrawing("The strokes have no point; draw a digit.")
    points = np.concatenate(paths)
    corner = points.min(axis=0)
    extent = points.max(axis=0) - corner
    scale = EXTENT / max(float(extent.max()), 1e-9)
    width, height = np.ceil(extent * scale).astype(int) + 2 * MARGIN
    drawing = np.zeros((height, width), np.uint8)
    for path in paths:
        pixels = np.round(((path - corner) * scale + MARGIN) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.polylines(drawing, [np.repeat(pixels, 2, axis=0)], False, 255, PEN, cv2.LINE_AA, SUBPIXEL_BITS)
    return drawing
