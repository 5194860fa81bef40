"""Tell which digits of a page look alike, as those of one typeface do and those of one pen hardly ever."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing

SIDE = 64
"""Pixels of the patch in which digits are compared."""
HEIGHT = 32
"""Pixels of the patch that the median digit is high: digits of another size do not look alike."""
SOFT = 1.2
"""Deviation, in pixels of the patch, of the blur that forgives small shifts."""
ALIKE = 0.98
"""Correlation above which two digits look alike."""


def find_alike(digits: Sequence[Drawing]) -> NDArray[np.bool_]:
    """Compare digits by their correlation, each centred.

    Args:
        digits: n of (h, w) uint8, cut to their boxes, all at the same scale; none is blank.

    Returns:
        (n, n) whether two look alike; each digit looks like itself.
    """
    if not digits:
        return np.zeros((0, 0), np.bool_)
    scale = HEIGHT / float(np.median([len(digit) for digit in digits]))
    patches = np.stack([_patch(digit, scale) for digit in digits])
    alike: NDArray[np.bool_] = (patches @ patches.T >= ALIKE) | np.eye(len(digits), dtype=np.bool_)
    return alike


def _patch(digit: Drawing, scale: float) -> NDArray[np.float32]:
    moments = cv2.moments(digit)
    x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    centred = np.array([[scale, 0, SIDE / 2 - scale * x], [0, scale, SIDE / 2 - scale * y]])
    patch = cv2.GaussianBlur(cv2.warpAffine(digit, centred, (SIDE, SIDE)), (0, 0), SOFT).astype(np.float32).ravel()
    patch -= patch.mean()
    normed: NDArray[np.float32] = patch / max(float(np.linalg.norm(patch)), 1e-6)
    return normed
