"""Tell ink from paper in the grey levels of any picture."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing, Grey
from models.errors import TakesLong
from models.preprocessing import tight
from models.preprocessing.illumination import lift_ink
from models.preprocessing.mnist_geometry import SIZE
from models.preprocessing.segmentation import isolate

FLAT = 0.6
"""Share of the border that has one grey, give or take one, if the paper is flat: a canvas's is, a photo's is not."""
FLAT_EXTREME = 0.25
"""The same share for black and white, which paper in a photo never is."""
STRIPED = 0.2
"""Share of the border of a 28x28 that is black if it shows light stripes on MNIST's dark paper."""
DARK_SIDE = 0.9
"""Share of one side that is black if it is the edge of a frame on light paper."""


def find_ink(grey: Grey, quick: bool = False) -> Drawing:
    """Turn grey levels into ink on paper: the commonest grey of the border is paper, and all that differs is ink.

    A border of many greys belongs to a photo. Then paper is looked for everywhere, and the digit is isolated.

    Args:
        grey: (h, w) uint8 grey levels, dark on light or light on dark.
        quick: give up a photo.

    Returns:
        (h, w) uint8; 0 paper, 255 ink. Large photos are scaled down.

    Raises:
        TakesLong: it was to be quick.
    """
    return find_ink_in_row(grey, quick)[0]


def find_ink_in_row(grey: Grey, quick: bool = False) -> tuple[Drawing, Drawing | None]:
    """Do as `find_ink`, and return beside the digit of a photo the same with those that stand beside it, else None."""
    if grey.shape != (SIZE, SIZE) and (tight_ink := tight.find_ink(grey)) is not None:
        return tight_ink, None
    border = grey[0].tobytes() + grey[-1].tobytes() + grey[:, 0].tobytes() + grey[:, -1].tobytes()
    if 2 * border.count(b"\0") > len(border):  # as in MNIST; the other greys need no counting
        return grey, None
    if grey.shape != (SIZE, SIZE) and 2 * border.count(b"\xff") > len(border):
        return ~grey, None
    levels = np.bincount(np.frombuffer(border, np.uint8), minlength=256)
    paper = int(levels.argmax())
    if grey.shape == (SIZE, SIZE) and levels[0] >= STRIPED * len(border) and not _has_dark_side(grey):
        paper = 0
    flat = FLAT_EXTREME if paper in (0, 255) else FLAT
    if levels[max(paper - 1, 0) : paper + 2].sum() < flat * len(border):
        if quick:
            raise TakesLong
        return isolate(lift_ink(grey))
    if paper == 0:
        return grey, None
    if paper == 255:
        return ~grey, None
    darkest, lightest, _, _ = cv2.minMaxLoc(grey)
    sheet = np.full_like(grey, paper)  # an array, since OpenCV takes images of up to four pixels for scalars
    ink: Drawing = cv2.subtract(sheet, grey) if paper - darkest > lightest - paper else cv2.subtract(grey, sheet)
    return ink, None


def _has_dark_side(grey: Grey) -> bool:
    """Tell whether a single side is black, of four."""
    dark = [
        np.count_nonzero(side) <= (1 - DARK_SIDE) * len(side) for side in (grey[0], grey[-1], grey[:, 0], grey[:, -1])
    ]
    return sum(dark) == 1
