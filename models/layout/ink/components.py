"""Connected pieces of ink."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing, Mask

MOST = 1000
"""Components that are looked at; of more, the largest."""
LOCAL = 0.4
"""Share of the darkest ink around above which a pixel is ink."""
AROUND = 24
"""Divisor of the longest side that gives the neighbourhood in which the darkest ink is looked for."""

Whole = NDArray[np.intp]


class Components(NamedTuple):
    """Connected pieces of ink, each with its upright box in pixels."""

    labels: NDArray[np.int32]
    """(h, w): the number of the piece at each pixel; 0 is paper."""
    numbers: Whole
    """(n,) the pieces' numbers in `labels`."""
    left: Whole
    top: Whole
    width: Whole
    height: Whole
    area: Whole

    @property
    def right(self) -> Whole:
        return self.left + self.width

    @property
    def bottom(self) -> Whole:
        return self.top + self.height

    def chosen(self, which: NDArray[np.bool_] | Whole) -> Components:
        """Return some of the pieces."""
        return Components(self.labels, *(part[which] for part in self[1:]))


def find(mask: Mask, smallest: int) -> Components:
    """Find the pieces of at least `smallest` pixels, at most MOST of them."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, ltype=cv2.CV_32S)
    stats = stats.astype(np.intp)
    numbers = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= smallest)
    numbers = numbers[numbers > 0]
    if len(numbers) > MOST:
        numbers = np.sort(numbers[np.argsort(-stats[numbers, cv2.CC_STAT_AREA], kind="stable")[:MOST]])
    left, top, width, height, area = stats[numbers].T
    return Components(labels, numbers, left, top, width, height, area)


def ink_mask(ink: Drawing, floor: int) -> Mask:
    """Mark what is ink: darker than the floor, and not much paler than the darkest ink around it."""
    height, width = ink.shape
    step = max(max(height, width) // 256, 1)
    size = max(width // step, 1), max(height // step, 1)
    coarse = cv2.resize(cv2.dilate(ink, np.ones((step, step), np.uint8)), size, interpolation=cv2.INTER_NEAREST)
    reach = max(max(coarse.shape) // AROUND * 2 + 1, 3)
    darkest = cv2.blur(cv2.dilate(coarse, np.ones((reach, reach), np.uint8)), (reach, reach))
    level = cv2.max(cv2.convertScaleAbs(darkest, alpha=LOCAL), float(floor))
    mask: Mask = cv2.compare(ink, cv2.resize(level, (width, height), interpolation=cv2.INTER_LINEAR), cv2.CMP_GT)
    return mask
