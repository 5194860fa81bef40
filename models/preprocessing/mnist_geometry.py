"""The layout of MNIST's digits, and whether a drawing has it already."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing

SIZE = 28
"""Side of a canonical digit in pixels."""
BOX = 20
"""Side of the box that holds the ink."""
CENTER = 14.5
"""Mean position of MNIST's centres of mass, in pixels from the corner. Each lies within half a pixel of it."""

FAINTEST = 24
"""Smallest level of the darkest ink. A drawing with less contrast is blank."""
OFF_CENTER = 0.55
"""Largest distance in pixels from CENTER at which a centre of mass is MNIST's."""
MOST_BORDER_INK = 2 * SIZE - 5
"""Number of inked pixels in the border of a 28x28 below which the border is surely paper, even with its corners counted
twice."""

_BORDER = np.pad(np.zeros((SIZE - 2, SIZE - 2), bool), 1, constant_values=True)
_POSITIONS = np.arange(SIZE, dtype=np.float32) + 0.5


def are_canonical(drawings: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which drawings have MNIST's layout and light ink on dark: `is_canonical` for many at once.

    Args:
        drawings: (n, 28, 28) uint8.

    Returns:
        (n,) bool.
    """
    dark_border = np.count_nonzero(drawings[:, _BORDER], axis=1) < MOST_BORDER_INK
    inked = drawings != 0
    rows, columns = inked.any(axis=2), inked.any(axis=1)
    sides = np.maximum(_extents(rows), _extents(columns))
    weights = drawings.astype(np.float32)
    mass = np.maximum(weights.sum(axis=(1, 2)), 1)
    x = weights.sum(axis=1) @ _POSITIONS / mass
    y = weights.sum(axis=2) @ _POSITIONS / mass
    centered = (abs(x - CENTER) <= OFF_CENTER) & (abs(y - CENTER) <= OFF_CENTER)
    canonical: NDArray[np.bool_] = dark_border & (sides >= BOX - 1) & (sides <= BOX) & centered
    return canonical


def _extents(present: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Count from the first to the last True of each row: (n, 28) -> (n,)."""
    extents: NDArray[np.intp] = SIZE - present.argmax(axis=1) - present[:, ::-1].argmax(axis=1)
    return extents


def is_canonical(drawing: Drawing) -> bool:
    """Tell whether a drawing has MNIST's size and position already, as all of its 70,000 images have."""
    if drawing.shape != (SIZE, SIZE):
        return False
    _, _, width, height = cv2.boundingRect(drawing)
    if not BOX - 1 <= max(width, height) <= BOX:
        return False
    x, y = center_of_mass(drawing)
    return abs(x - CENTER) <= OFF_CENTER and abs(y - CENTER) <= OFF_CENTER


def center_of_mass(ink: Drawing) -> tuple[float, float]:
    """Return (x, y) in pixels from the corner. The drawing must not be blank."""
    moments = cv2.moments(ink)
    return moments["m10"] / moments["m00"] + 0.5, moments["m01"] / moments["m00"] + 0.5
