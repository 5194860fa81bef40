"""Leave out pieces of ink that are no writing: boxes and circles around numbers, edges of sheets, faces, pictures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preprocessing.pieces import Pieces

HELD, INNER = 0.3, 0.95
"""Smallest and largest height of what a box or a circle is drawn around, in heights of the box."""
MANY, LOW = 3, 12
"""Pieces in a frame that is the edge of a sheet, a table or a picture; its largest height in heights of them."""
HOLLOW = 0.5
"""Largest share of a frame's box that is inked."""
GIANT, HUGE = 3.0, 0.5
"""Heights of the usual piece, and share of the page's shorter side, from which a piece is a picture, or an edge."""
RULE, HIGH = 9.0, 1.8
"""Smallest height of what is left of an upright rule in widths of it, and in heights of the usual piece."""
UNDERLINE, LONG, FLAT = 4.0, 2.0, 0.5
"""Smallest width of an underline in heights of it and of the usual piece; its largest height in the latter."""
FACE, FEATURE = 1.6, 0.7
"""Heights of the usual piece from which a ring is a drawing, and up to which what is in it belongs to it."""
LOWEST = 7
"""Pixels of the lowest piece that counts as usual."""


class Frames(NamedTuple):
    """What is drawn around other ink."""

    rings: NDArray[np.intp]
    """Pieces around writing."""
    drawings: NDArray[np.intp]
    """Pieces around small things, and these, as in a face."""


def find_frames(components: Pieces) -> Frames:
    """Tell which pieces are drawn around others."""
    count = len(components.numbers)
    high = components.height >= LOWEST
    inside = _inside(components)
    held = inside & high[:, None] & (components.height[:, None] <= INNER * components.height)
    large = held & (components.height[:, None] >= HELD * components.height)
    several = (held & (components.height[:, None] * LOW >= components.height)).sum(axis=0) >= MANY
    hollow = components.area < HOLLOW * components.width * components.height
    rings, drawings = [], []
    for frame in np.flatnonzero((large.any(axis=0) | several | (inside.sum(axis=0) >= 2)) & hollow & high):
        content = np.flatnonzero(inside[:, frame])
        content = content[[_is_enclosed(components, int(frame), int(at)) for at in content]]
        others = np.ones(count, bool)
        others[content] = others[frame] = False
        usual = _usual(components, others & high)
        if (components.height[content] >= HELD * components.height[frame]).any():
            rings.append(frame)
        elif len(content) >= MANY and 0 < FACE * usual <= components.height[frame]:
            drawings += [frame, *content[components.height[content] < FEATURE * usual]]
    return Frames(np.array(rings, np.intp), np.array(drawings, np.intp))


def without(components: Pieces) -> Pieces:
    """Leave out frames, and drawings and pictures with what is in them, if there is other ink."""
    count = len(components.numbers)
    if count < 2:
        return components
    high = components.height >= LOWEST
    found = find_frames(components)
    dropped = np.zeros(count, bool)
    dropped[found.rings] = dropped[found.drawings] = True
    kept = ~dropped
    usual = _usual(components, kept & high)
    size = np.maximum(components.height, components.width)
    shape = components.labels.shape
    kept &= (components.height <= GIANT * usual) | (size < HUGE * min(shape))
    is_flat = (components.width > UNDERLINE * components.height) & (components.height < FLAT * usual)
    kept &= ~is_flat | (components.width <= LONG * usual)
    kept &= (components.height <= RULE * components.width) | (components.height <= HIGH * usual)
    return components.chosen(kept) if kept.any() else components


def usual_height(components: Pieces) -> float:
    """Return the usual height of the pieces that are no specks, in pixels; 0 if there are none."""
    return _usual(components, components.height >= LOWEST)


def _usual(components: Pieces, which: NDArray[np.bool_]) -> float:
    """Return the median height, weighted by the heights, so that many small letters do not outweigh a few digits."""
    heights = np.sort(components.height[which])
    if not len(heights):
        return 0.0
    return float(heights[np.searchsorted(heights.cumsum(), heights.sum() / 2)])


def _inside(components: Pieces) -> NDArray[np.bool_]:
    """Tell of each pair whether the first one's box lies in the second one's."""
    left, top, right, bottom = (
        values.astype(np.int32) for values in (components.left, components.top, components.right, components.bottom)
    )
    inside = (left[:, None] >= left) & (right[:, None] <= right) & (top[:, None] >= top) & (bottom[:, None] <= bottom)
    np.fill_diagonal(inside, False)
    found: NDArray[np.bool_] = inside
    return found


def _is_enclosed(components: Pieces, frame: int, at: int) -> bool:
    """Tell whether the frame's ink lies on three sides, at least, of the middle of a piece."""
    labels, number = components.labels, components.numbers[frame]
    x = int(components.left[at] + components.width[at] // 2)
    y = int(components.top[at] + components.height[at] // 2)
    row, column = labels[y], labels[:, x]
    left, right = slice(components.left[frame], x), slice(x, components.right[frame])
    above, below = slice(components.top[frame], y), slice(y, components.bottom[frame])
    sides = (row[left], row[right], column[above], column[below])
    return sum(bool((side == number).any()) for side in sides) >= 3
