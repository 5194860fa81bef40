"""Grey levels of any picture -> ink on paper."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing, Grey
from models.preprocessing.illumination import lift_ink
from models.preprocessing.mnist_geometry import SIZE
from models.preprocessing.segmentation import isolate

FLAT = 0.6
"""Share of the border that has one grey, give or take one, where paper is flat: a canvas's, and no photo's."""
FLAT_EXTREME = 0.25
"""The same for black and white, which no photo's paper is."""

STRIPED = 0.2
"""Share of a 28x28's border that is black where it is MNIST's dark paper with light stripes on it."""


def find_ink(grey: Grey) -> Drawing:
    """Tell ink from paper: the grey of the border is paper, and whatever differs from it most is ink.

    A border of many greys is a photo's: paper is looked for everywhere, and a digit on it.

    Args:
        grey: (h, w) uint8 grey levels, dark on light or light on dark.

    Returns:
        (h, w) uint8; 0 paper, 255 ink; a large photo comes back smaller.
    """
    border = grey[0].tobytes() + grey[-1].tobytes() + grey[:, 0].tobytes() + grey[:, -1].tobytes()
    if 2 * border.count(b"\0") > len(border):  # as MNIST's are: no need to count the other greys
        return grey
    if grey.shape != (SIZE, SIZE) and 2 * border.count(b"\xff") > len(border):
        return ~grey
    levels = np.bincount(np.frombuffer(border, np.uint8), minlength=256)
    paper = int(levels.argmax())
    if grey.shape == (SIZE, SIZE) and levels[0] >= STRIPED * len(border):
        paper = 0
    flat = FLAT_EXTREME if paper in (0, 255) else FLAT
    if levels[max(paper - 1, 0) : paper + 2].sum() < flat * len(border):
        return isolate(lift_ink(grey))
    if paper == 0:
        return grey
    if paper == 255:
        return ~grey
    darkest, lightest, _, _ = cv2.minMaxLoc(grey)
    sheet = np.full_like(grey, paper)  # an array, since OpenCV takes an image of four pixels or fewer for a scalar
    ink: Drawing = cv2.subtract(sheet, grey) if paper - darkest > lightest - paper else cv2.subtract(grey, sheet)
    return ink
