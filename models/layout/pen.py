"""Draw the strokes of a line with a pen."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing

SUBPIXEL_BITS = 4
"""Points are positioned to 1/16 of a pixel."""

Stroke = NDArray[np.float64]
"""(n, 2) points (x, y), y down."""


def draw(strokes: Iterable[Stroke], size: tuple[int, int], width: int) -> Drawing:
    """Draw strokes where they are.

    Args:
        strokes: in pixels of the drawing; a single point is a dot.
        size: width and height of the drawing.
        width: of the pen, in pixels.

    Returns:
        (h, w) uint8; 0 paper, 255 ink.
    """
    drawing = np.zeros(size[::-1], np.uint8)
    for stroke in strokes:
        pixels = np.round(stroke * (1 << SUBPIXEL_BITS)).astype(np.int32)
        path = np.repeat(pixels, 2, axis=0) if len(pixels) == 1 else pixels
        cv2.polylines(drawing, [path], False, 255, width, cv2.LINE_AA, SUBPIXEL_BITS)
    return drawing
