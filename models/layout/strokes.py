"""Lay out a drawing whose strokes are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.layout.page import Page, TextLine
from models.preprocessing import rasterize


def find_lines(strokes: Sequence[NDArray[np.float64]]) -> Page:
    """Find the lines of a drawing by its strokes.

    Args:
        strokes: each (n, 2) float64 points (x, y), y down, in the order in which they were drawn; "pixels of the
            picture" are the unit of the strokes.

    Returns:
        A page without lines if the strokes have no point.
    """
    if not any(len(stroke) for stroke in strokes):
        return Page([])
    drawing = rasterize.draw(strokes)
    points = np.concatenate([stroke for stroke in strokes if len(stroke)])
    corner = points.min(axis=0)
    scale = max(float((points.max(axis=0) - corner).max()), 1e-9) / rasterize.EXTENT
    offset = corner - rasterize.MARGIN * scale
    height, width = drawing.shape
    line = TextLine(drawing, (0, 0, width, height), np.array([[scale, 0, offset[0]], [0, scale, offset[1]]]))
    return Page([line])
