"""Render pen strokes as a canvas or a camera shows them: any pen, size, place and polarity."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 280
"""Side of the square canvas, pixels."""
PEN = (0.03, 0.12)
"""Narrowest and widest pen, share of the canvas."""
EXTENT = (0.3, 0.9)
"""Smallest and largest longest side of the drawing with its pen, share of the canvas."""
SUBPIXEL_BITS = 4


def render(
    strokes: Sequence[NDArray[np.float64]],
    *,
    pen: float,
    extent: float,
    place: tuple[float, float],
    dark_ink: bool,
) -> NDArray[np.uint8]:
    """Render strokes on a canvas.

    Args:
        strokes: each (n, 2) points (x, y), y down; at least one point in all.
        pen: width, share of the canvas.
        extent: longest side of the drawing, share of the canvas.
        place: (x, y) in 0..1; 0 is the left or top edge, 1 the right or bottom edge.
        dark_ink: dark ink on white; otherwise white ink on black.

    Returns:
        (SIDE, SIDE) uint8 grey levels.
    """
    points = np.concatenate(list(strokes))
    corner = points.min(axis=0)
    width = max(round(pen * SIDE), 1)
    scale = max(extent * SIDE - width, 4) / max(float((points.max(axis=0) - corner).max()), 1e-9)
    extents = (points.max(axis=0) - corner) * scale + width
    offset = np.array(place) * np.maximum(SIDE - extents, 0) + width / 2
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    for stroke in strokes:
        pixels = np.round(((stroke - corner) * scale + offset) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.polylines(canvas, [np.repeat(pixels, 2, axis=0)], False, 255, width, cv2.LINE_AA, SUBPIXEL_BITS)
    return 255 - canvas if dark_ink else canvas


def render_randomly(strokes: Sequence[NDArray[np.float64]], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Render strokes with a random pen, size, place and polarity; returns (SIDE, SIDE) uint8 grey levels."""
    return render(
        strokes,
        pen=generator.uniform(*PEN),
        extent=generator.uniform(*EXTENT),
        place=(generator.random(), generator.random()),
        dark_ink=bool(generator.random() < 0.5),
    )
