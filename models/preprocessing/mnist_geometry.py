"""How MNIST's digits lie in their 28x28, and whether a drawing lies so already."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing

SIZE = 28
BOX = 20
CENTER = 14.5
"""Where MNIST's centres of mass lie on average, pixels from the image's corner; each is within half a pixel."""

FAINTEST = 24
"""Grey levels between paper and the darkest ink; with less contrast a drawing is blank."""
OFF_CENTER = 0.55
"""Pixels that a centre of mass may be off and still be MNIST's."""
MOST_BORDER_INK = 2 * SIZE - 5
"""Inked pixels of a 28x28's border up to which it is surely paper, even with the corners counted twice."""

_BORDER = np.pad(np.zeros((SIZE - 2, SIZE - 2), bool), 1, constant_values=True)
_POSITIONS = np.arange(SIZE, dtype=np.float32) + 0.5


def are_canonical(drawings: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which drawings are MNIST's already, ink light on dark: `is_canonical` for many at once.

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
    """From the first to the last True of each row, (n, 28) -> (n,)."""
    extents: NDArray[np.intp] = SIZE - present.argmax(axis=1) - present[:, ::-1].argmax(axis=1)
    return extents


def is_canonical(drawing: Drawing) -> bool:
    """Whether size and place are MNIST's already; every one of its 70,000 images says yes."""
    if drawing.shape != (SIZE, SIZE):
        return False
    _, _, width, height = cv2.boundingRect(drawing)
    if not BOX - 1 <= max(width, height) <= BOX:
        return False
    x, y = center_of_mass(drawing)
    return abs(x - CENTER) <= OFF_CENTER and abs(y - CENTER) <= OFF_CENTER


def center_of_mass(ink: Drawing) -> tuple[float, float]:
    """(x, y) of ink that is not blank, pixels from the image's corner."""
    moments = cv2.moments(ink)
    return moments["m10"] / moments["m00"] + 0.5, moments["m01"] / moments["m00"] + 0.5
