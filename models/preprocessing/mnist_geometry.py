"""The layout of MNIST's digits, and whether a drawing has it already."""

from __future__ import annotations

from collections.abc import Sequence

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

NARROW = 8
"""Shorter side of the ink, in pixels, below which a digit may fill the corners of its box."""
FAINTEST = 24
"""Level of the darkest ink below which a drawing may be blank."""
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
    top, bottom = _ends(inked.any(axis=2))
    left, right = _ends(inked.any(axis=1))
    height, width = bottom - top + 1, right - left + 1
    sides = np.maximum(height, width)
    each = np.arange(len(drawings))
    filled = inked[each, top, left] & inked[each, top, right] & inked[each, bottom, left] & inked[each, bottom, right]
    filled &= np.minimum(height, width) >= NARROW
    weights = drawings.astype(np.float32)
    mass = np.maximum(weights.sum(axis=(1, 2)), 1)
    x = weights.sum(axis=1) @ _POSITIONS / mass
    y = weights.sum(axis=2) @ _POSITIONS / mass
    centered = (abs(x - CENTER) <= OFF_CENTER) & (abs(y - CENTER) <= OFF_CENTER)
    canonical: NDArray[np.bool_] = dark_border & (sides >= BOX - 1) & (sides <= BOX) & centered & ~filled
    return canonical


def _ends(present: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find the first and the last True of each row: (n, 28) -> (n,) and (n,)."""
    return present.argmax(axis=1), SIZE - 1 - present[:, ::-1].argmax(axis=1)


def is_canonical(drawing: Drawing) -> bool:
    """Tell whether a drawing has MNIST's size and position already, as all of its 70,000 images have."""
    if drawing.shape != (SIZE, SIZE):
        return False
    box = cv2.boundingRect(drawing)
    if not BOX - 1 <= max(box[2:]) <= BOX or fills_corners(drawing, box):
        return False
    x, y = center_of_mass(drawing)
    return abs(x - CENTER) <= OFF_CENTER and abs(y - CENTER) <= OFF_CENTER


def fills_corners(drawing: Drawing, box: Sequence[int]) -> bool:
    """Tell whether ink fills the corners of its box, as a sheet or a frame does, and no wide digit of MNIST."""
    left, top, width, height = box
    right, bottom = left + width - 1, top + height - 1
    filled = drawing[top, left] and drawing[top, right] and drawing[bottom, left] and drawing[bottom, right]
    return bool(filled) and min(width, height) >= NARROW


def center_of_mass(ink: Drawing) -> tuple[float, float]:
    """Return (x, y) in pixels from the corner. The drawing must not be blank."""
    moments = cv2.moments(ink)
    return moments["m10"] / moments["m00"] + 0.5, moments["m01"] / moments["m00"] + 0.5
