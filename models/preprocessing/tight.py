"""Tell ink from paper in small pictures that are cut to the ink, so that the border is as much ink as paper."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing, Grey

LARGEST = 40
"""Longer side of such a picture in pixels, at most. In larger ones light may be uneven, as in photos."""
MARGIN = 2
"""Pixels of paper that are put around the ink, so that no stroke is taken for a line from edge to edge."""
MIXED = 0.1
"""Share of the border, at least, that ink and paper each have."""


def find_ink(grey: Grey) -> Drawing | None:
    """Find the ink: it has less of the border than of what is inside.

    Args:
        grey: (h, w) uint8 grey levels, dark on light or light on dark.

    Returns:
        uint8; 0 paper, 255 ink, with MARGIN pixels of paper around it. None if the picture is large, or its border is
        nearly all paper.
    """
    if max(grey.shape) > LARGEST or min(grey.shape) < 3:
        return None
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    inside = light[1:-1, 1:-1]
    border = (int(light.sum()) - int(inside.sum())) / (light.size - inside.size)
    if not MIXED <= border <= 1 - MIXED:
        return None
    ink = cv2.bitwise_not(grey) if border > inside.mean() else grey
    lifted = cv2.subtract(ink, np.full_like(ink, ink.min()))
    padded: Drawing = cv2.copyMakeBorder(lifted, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT)
    return padded
