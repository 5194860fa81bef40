"""Grey levels of any picture -> ink on paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Drawing = NDArray[np.uint8]


def find_ink(grey: NDArray[np.uint8]) -> Drawing:
    """Tell ink from paper: the border is paper, and whatever differs from it most is ink.

    Args:
        grey: (h, w) uint8 grey levels, dark on light or light on dark.

    Returns:
        (h, w) uint8; 0 paper, 255 ink.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    border.sort()
    paper = int(border[len(border) // 2])
    darkest, lightest, _, _ = cv2.minMaxLoc(grey)
    if paper == 0:
        return grey
    sheet = np.full_like(grey, paper)  # an array, since OpenCV takes an image of four pixels or fewer for a scalar
    ink: Drawing = cv2.subtract(sheet, grey) if paper - darkest > lightest - paper else cv2.subtract(grey, sheet)
    return ink
