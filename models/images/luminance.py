"""Turn colours into the grey levels that show the ink: by luminance, or where that hardly differs, by one channel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Grey

PALE = 64
"""Difference of grey levels below which channels are looked at. Yellow on white has 29, red on green perhaps none."""
CLEARER = 2
"""Smallest ratio of a channel's difference to that of the grey levels from which the channel is used instead."""


def grey_levels(colours: NDArray[np.uint8], conversion: int) -> Grey:
    """Convert colours to grey levels.

    Args:
        colours: (h, w, 3 or 4) uint8; a fourth channel is left out.
        conversion: OpenCV's, to luminance.

    Returns:
        (h, w) uint8.
    """
    grey: Grey = cv2.cvtColor(colours, conversion)
    difference = _difference(grey)
    if difference >= PALE:
        return grey
    best = max((cv2.extractChannel(colours, channel) for channel in range(3)), key=_difference)
    return best if _difference(best) > CLEARER * difference else grey


def _difference(levels: Grey) -> float:
    darkest, lightest, _, _ = cv2.minMaxLoc(levels)
    return float(lightest - darkest)
