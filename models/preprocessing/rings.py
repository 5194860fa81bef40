"""Tell rings and boxes that are drawn around a digit from digits that hold something: a 0 with a slash or a dot."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preprocessing.pieces import Pieces

HELD = 0.3
"""Longest side of the largest thing in a ring, at least, in heights of the ring. The dot of a 0 is smaller."""
HOLLOW = 0.55
"""Share of a ring's box that is inked, at most."""
AROUND, SECTORS = 0.8, 36
"""Share of all directions in which a ring lies, seen from what is in it; how many directions are looked in."""
CONVEX = 0.9
"""Share of its convex hull that a ring encloses, at least: more than most outlined digits."""
LOOP, COUNTER = 0.85, 0.45
"""Share of its convex hull that a hollow loop encloses, at least; its longest side in longest sides of a ring up to
which it is a counter of an outlined digit, and not a 0 in a ring."""
STRAIGHT, LEANING = 2.5, 20.0
"""Smallest length of a straight stroke in widths of it; lean in degrees from which it may be the slash of a 0."""
SLASHED, NARROW, ROUND, BOXY = 0.52, 0.85, 0.9, 0.88
"""Largest height of a slash in heights of its 0, and largest width of such a 0; smallest width
of a ring around a 1, in heights of it; share of its box that a frame encloses, at least."""

Which = NDArray[np.bool_]


class Rings(NamedTuple):
    """Pieces that are drawn around others."""

    certain: Which
    perhaps: Which
    """A 0 with a slash in it, or a ring around a 1."""


def find(found: Pieces) -> Rings:
    """Tell which pieces are drawn around others."""
    count = len(found.numbers)
    rings = Rings(np.zeros(count, bool), np.zeros(count, bool))
    size = np.maximum(found.width, found.height)
    for at in np.flatnonzero(found.area < HOLLOW * found.width * found.height):
        inside = (found.left > found.left[at]) & (found.right < found.right[at])
        inside &= (found.top > found.top[at]) & (found.bottom < found.bottom[at])
        content = np.flatnonzero(inside)
        if not len(content) or size[content].max() < HELD * found.height[at] or not _is_around(found, int(at), content):
            continue
        if size[content].max() < COUNTER * size[at] and all(_is_loop(found, int(piece)) for piece in content):
            continue
        is_zero = len(content) == 1 and _may_be_zero(found, int(content[0]), int(at))
        if is_zero is None:
            rings.perhaps[at] = True
        else:
            rings.certain[at] = not is_zero
    return rings


def _is_around(found: Pieces, at: int, content: NDArray[np.intp]) -> bool:
    """Tell whether a piece runs around others, nearly from all sides, and without dents."""
    y, x = np.nonzero(found.own(at))
    middle = (
        (found.left[content].min() + found.right[content].max()) / 2 - found.left[at],
        (found.top[content].min() + found.bottom[content].max()) / 2 - found.top[at],
    )
    across, down = x + 0.5 - middle[0], y + 0.5 - middle[1]
    sectors = np.floor(np.arctan2(down, across) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    nearest_first = np.argsort(across**2 + down**2, kind="stable")
    outermost = np.full(SECTORS, -1)
    outermost[sectors[nearest_first]] = nearest_first  # of several in a sector the last one is kept
    outermost = outermost[outermost >= 0]
    if len(outermost) < AROUND * SECTORS:
        return False
    outline = np.stack([x, y], axis=1)[outermost].astype(np.int32)
    hull = cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32))
    return bool(cv2.contourArea(outline) >= CONVEX * cv2.contourArea(hull))


def _is_loop(found: Pieces, at: int) -> bool:
    """Tell whether a piece is a closed, hollow loop."""
    own = np.pad(found.own(at).astype(np.uint8), 1)
    outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    enclosed, whole = cv2.contourArea(outlines[0]), cv2.contourArea(cv2.convexHull(outlines[0]))
    return bool(found.area[at] < enclosed and enclosed >= LOOP * whole)


def _may_be_zero(found: Pieces, at: int, ring: int) -> bool | None:
    """Tell whether a piece in a ring is the slash of a 0; None if it may as well be a 1."""
    points = np.argwhere(found.own(at)).astype(np.float32)[:, ::-1]
    _, (across, down), _ = cv2.minAreaRect(points)
    if max(across, down) + 1 < STRAIGHT * (min(across, down) + 1):
        return False
    x, y = cv2.fitLine(points, cv2.DIST_L2, 0, 0.01, 0.01).ravel()[:2]
    leans = np.degrees(np.arctan2(-x * np.sign(y), abs(y))) >= LEANING  # to the right, if it rises to the right
    hull = cv2.convexHull(np.argwhere(found.own(ring)).astype(np.int32))
    if cv2.contourArea(hull) >= BOXY * (found.width[ring] - 1) * (found.height[ring] - 1):
        return False
    share, aspect = found.height[at] / found.height[ring], found.width[ring] / found.height[ring]
    if leans and share <= SLASHED and aspect <= NARROW:
        return True
    return False if share > SLASHED and aspect >= ROUND and not leans else None
