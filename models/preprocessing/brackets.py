"""Tell brackets beside a digit from digits: they bend towards what they enclose, at both ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preprocessing.pieces import Pieces

HIGH, ALIKE = 0.85, 0.75
"""Smallest height of a bracket in heights of what is between, and of the lower of a pair in heights of the other."""
SLENDER, HOLLOW = 0.5, 0.75
"""Largest width of a bracket in heights of it, and largest share of its box that is inked."""
BEND = 0.06
"""Distance by which each end of a bracket reaches farther in than its middle, at least, in heights of it."""
END = 0.15
"""Share of a bracket's height that is an end, or its middle."""
OUTER, EVEN = 0.42, 0.08
"""Of a bracket's width: place of its middle, at most, from its outer side; how far its quarters may lie farther out."""
LIKE = 0.3
"""Share of how far its one end reaches in, at least, that the other end does. The left part of a 4 is an L."""

Which = NDArray[np.bool_]


class Brackets(NamedTuple):
    """Pieces that are brackets."""

    pair: Which
    alone: Which
    """Without its other one, so that it may be a digit after all."""


def find(found: Pieces, kept: Which) -> Brackets:
    """Find brackets among the pieces that are kept."""
    none = np.zeros(len(kept), bool)
    slender = kept & (found.width <= SLENDER * found.height)
    slender &= found.area <= HOLLOW * found.width * found.height
    if not slender.any() or np.count_nonzero(kept) < 2:
        return Brackets(none, none)
    numbers = np.flatnonzero(kept)
    first, last = numbers[found.left[numbers].argmin()], numbers[found.right[numbers].argmax()]
    opening = slender[first] and _bends(found, int(first), 1)
    closing = slender[last] and _bends(found, int(last), -1)
    pair, alone = none.copy(), none.copy()
    heights = found.height[[first, last]]
    if opening and closing and len(numbers) > 2 and heights.min() >= ALIKE * heights.max():
        between = kept.copy()
        between[[first, last]] = False
        if heights.min() >= HIGH * _height(found, between) and _is_between(found, between, int(first), int(last)):
            pair[[first, last]] = True
            return Brackets(pair, alone)
    for at, is_one in ((first, opening), (last, closing)):
        rest = kept.copy()
        rest[at] = False
        if is_one and found.height[at] >= HIGH * _height(found, rest):
            is_aside = found.right[at] <= found.left[rest].min() or found.left[at] >= found.right[rest].max()
            alone[at] = is_aside
            if is_aside:
                break
    return Brackets(pair, alone)


def _height(found: Pieces, which: Which) -> int:
    return int(found.bottom[which].max() - found.top[which].min())


def _is_between(found: Pieces, which: Which, first: int, last: int) -> bool:
    return bool(found.left[which].min() >= found.right[first] - 1 and found.right[which].max() <= found.left[last] + 1)


def _bends(found: Pieces, at: int, inwards: int) -> bool:
    """Tell whether a piece bends to the right at both ends, or to the left, as `inwards` is 1 or -1."""
    own = found.own(at)[:, ::inwards]
    height, width = own.shape
    band = max(round(END * height), 1)

    def rows(place: float) -> NDArray[np.intp]:
        """Return the columns of the ink in a band of rows."""
        start = round(place * (height - band))
        return np.nonzero(own[start : start + band])[1]

    bands = [rows(place) for place in (0, 0.25, 0.5, 0.75, 1)]
    if not all(len(band) for band in bands):
        return False
    upper, above, middle, below, lower = bands
    center = float(middle.mean())
    reaches = sorted((int(upper.max()) - int(middle.max()), int(lower.max()) - int(middle.max())))
    return bool(
        reaches[0] >= max(BEND * height, LIKE * reaches[1] - 0.5)
        and center <= OUTER * width
        and min(above.mean(), below.mean()) >= center - EVEN * width
    )
