"""A 28x28 that holds an MNIST digit and more: a line across it, specks, drops, stripes.

So few pixels do not tell a line from a stroke, and redrawing by the extent of both would shrink and shift the digit:
it stays where it is, and so does whatever is on it.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing
from models.preprocessing.mnist_geometry import BOX, CENTER, FAINTEST, SIZE

HAZE = 0.15
"""Share of the darkest ink up to which ink has no extent."""
WIDE = BOX + 2
"""Pixels across that no digit in the box reaches."""
ASIDE = 2
"""Pixels to the left or right that the ink's middle may be off: clutter is on both sides, a large digit on one."""
OUTSIDE = 0.15
"""Share of the ink, specks aside, outside of the box; of a large digit more is."""
THIN = 3
"""Pixels of ink in a column beside the box, where only a line leads out of it."""

STRIPED = 0.8
"""Share of two opposite sides that is ink where stripes are; salt has less."""

_EDGE = (SIZE - BOX) // 2


def is_cluttered(drawing: Drawing) -> bool:
    """Whether ink reaches out of MNIST's box on both sides though the digit lies in it."""
    if drawing.shape != (SIZE, SIZE):
        return False
    _, darkest, _, _ = cv2.minMaxLoc(drawing)
    if darkest < FAINTEST:
        return False
    _, hazeless = cv2.threshold(drawing, HAZE * darkest, 1, cv2.THRESH_BINARY)
    _, _, across, _ = cv2.boundingRect(hazeless)
    if across < WIDE:
        return False
    if any(np.count_nonzero(sides) >= STRIPED * sides.size for sides in (drawing[:, [0, -1]], drawing[[0, -1]])):
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
