"""Recognize an MNIST digit with clutter on its 28x28: a line across it, specks, drops, stripes.

At this size a line looks like a stroke. To redraw by the extent of both would shrink and shift the digit, so such a
drawing is left as it is, clutter included.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing
from models.preprocessing.mnist_geometry import BOX, CENTER, FAINTEST, SIZE

HAZE = 0.15
"""Share of the darkest ink up to which ink does not count as part of the drawing's extent."""
WIDE = BOX + 2
"""Width in pixels that no digit inside the box reaches."""
ASIDE = 2
"""Pixels to the left or right that the ink's middle may be off. Clutter lies on both sides, a large digit on one."""
OUTSIDE = 0.15
"""Largest share of the ink, specks aside, that lies outside the box. Large digits have more there."""
THIN = 3
"""Largest number of inked pixels in a column beside the box if only a line leaves the box there."""
STRIPED = 0.8
"""Smallest share of two opposite sides that is inked if the drawing is striped. Salt-and-pepper noise has less."""

_EDGE = (SIZE - BOX) // 2
_SIDES = [0, 2, SIZE - 3, SIZE - 1]
"""Rows or columns that a stripe along two opposite sides covers: it is wider than a bracket's line."""


def is_cluttered(drawing: Drawing) -> bool:
    """Tell whether ink leaves MNIST's box on both sides although the digit lies inside it.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink. Only 28x28 can be cluttered.
    """
    if drawing.shape != (SIZE, SIZE):
        return False
    _, darkest, _, _ = cv2.minMaxLoc(drawing)
    if darkest < FAINTEST:
        return False
    _, hazeless = cv2.threshold(drawing, HAZE * darkest, 1, cv2.THRESH_BINARY)
    _, _, across, _ = cv2.boundingRect(hazeless)
    if across < WIDE:
        return False
    if any(np.count_nonzero(sides) >= STRIPED * sides.size for sides in (drawing[:, _SIDES], drawing[_SIDES])):
        return True
    _, ink = cv2.threshold(drawing, darkest / 2, 1, cv2.THRESH_BINARY)
    strokes = cv2.medianBlur(ink, 3)
    moments = cv2.moments(strokes, binaryImage=True)
    area = moments["m00"]
    if not area or abs(moments["m10"] / area + 0.5 - CENTER) > ASIDE:
        return False
    box = slice(_EDGE, SIZE - _EDGE)
    if cv2.countNonZero(strokes[box, box]) >= (1 - OUTSIDE) * area:
        return True
    columns = ink.sum(axis=0)
    return all(0 < side.max() <= THIN for side in (columns[:_EDGE], columns[-_EDGE:]))
