"""Erase straight edges of a frame, a window or a sheet along the sides of a drawing, as screenshots have."""

from __future__ import annotations

import numpy as np

from models.arrays import Drawing

WIDEST = 0.08
"""Largest width of an edge, share of the drawing's side, or else WIDEST_PIXELS if that is more."""
WIDEST_PIXELS = 2
SMALLEST = 12
"""Shorter side of a drawing, in pixels, below which an edge cannot be told from a stroke."""
INKED = 0.9
"""Share of a side that is inked along an edge."""
FAINT = 0.2
"""Level of ink from which a pixel belongs to an edge, relative to the darkest ink."""


def erase(drawing: Drawing) -> Drawing:
    """Erase the lines that run along a whole side.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink.

    Returns:
        The drawing itself if there is no such line, otherwise a new one of the same shape.
    """
    if min(drawing.shape) < SMALLEST:
        return drawing
    inked = drawing >= max(FAINT * int(drawing.max()), 1)
    erased = drawing
    for turned in (0, 1, 2, 3):
        lines = np.rot90(inked, turned).mean(axis=1) >= INKED
        if not lines[0]:
            continue
        width = int(lines.argmin()) or len(lines)
        if width > max(WIDEST * len(lines), WIDEST_PIXELS):
            continue
        if erased is drawing:
            erased = drawing.copy()
        edge = np.rot90(erased, turned)
        edge[:width] = 0
        soft = np.rot90(drawing, turned)[width]  # what is left of a line whose last pixels are half covered
        if np.count_nonzero(soft) >= INKED * len(soft):
            edge[width] = np.maximum(soft, np.median(soft)) - np.uint8(np.median(soft))
    return erased
