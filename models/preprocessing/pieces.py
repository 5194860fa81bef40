"""Connected pieces of a drawing's ink."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask

Numbers = NDArray[np.intp]


class Pieces(NamedTuple):
    """Pieces of ink, each with its upright box in pixels; the box ends before `right` and `bottom`."""

    labels: NDArray[np.int32]
    """(h, w): the number of the piece at each pixel; 0 is paper."""
    numbers: Numbers
    """(n,) the pieces' numbers in `labels`."""
    left: Numbers
    top: Numbers
    right: Numbers
    bottom: Numbers
    area: Numbers

    @property
    def width(self) -> Numbers:
        return self.right - self.left

    @property
    def height(self) -> Numbers:
        return self.bottom - self.top

    def chosen(self, which: NDArray[np.bool_] | Numbers) -> Pieces:
        """Return some of the pieces."""
        return Pieces(self.labels, *(part[which] for part in self[1:]))

    def mask(self) -> Mask:
        """Return (h, w) uint8; 255 the pieces."""
        table = np.zeros(int(self.labels.max()) + 1, np.uint8)
        table[self.numbers] = 255
        found: Mask = table[self.labels]
        return found

    def own(self, at: int) -> NDArray[np.bool_]:
        """Return the pixels of a piece within its box."""
        box = self.labels[self.top[at] : self.bottom[at], self.left[at] : self.right[at]]
        own: NDArray[np.bool_] = box == self.numbers[at]
        return own


def find(mask: Mask) -> Pieces:
    """Find all pieces.

    Args:
        mask: (h, w) uint8; 0 paper, 255 ink.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, ltype=cv2.CV_32S)
    left, top, width, height, area = stats[1:].T.astype(np.intp)
    return Pieces(labels, np.arange(1, count), left, top, left + width, top + height, area)
