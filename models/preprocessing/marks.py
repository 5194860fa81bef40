"""Leave out what is drawn around, under or beside a digit: rings and boxes, lines, brackets, stops.

What may be a part of the digit stays: the bar of a 5, the foot of a 1, the slash or the dot of a 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask
from models.preprocessing import brackets, pieces, rings, underlines
from models.preprocessing.pieces import Pieces

MOST = 24
"""Pieces of a drawing in which marks are looked for. More are dots or grain, of which a display's digit may consist."""
LONG = 0.7
"""Length of a line in a cluttered drawing, at least, share of the drawing's width. Shorter ones are blots."""
SMALL, ASIDE = 0.4, 0.03
"""Largest side of a stop, a comma or a dash, and its smallest gap to the digit beside it, in heights of the digit."""
MAIN = 0.6
"""Share of the ink, at least, that the largest piece has where small things beside it are left out."""


class Unmarked(NamedTuple):
    """The ink of a drawing without marks."""

    digit: Mask
    """255 the digit, and those that stand beside it."""
    row: Mask
    """255 the same, and what was left out but may be a digit after all."""
    other: Mask | None = None
    """255 another reading: with what was left out but may be a part of the digit; None if nothing may."""


def are_in(mask: Mask) -> bool:
    """Tell whether something is surely drawn around or under a digit, or in pairs beside it.

    Args:
        mask: (h, w) uint8; 0 paper, 255 ink.
    """
    found = pieces.find(mask)
    if len(found.numbers) > MOST:
        return False
    around = rings.find(found).certain
    lines = underlines.find(found, ~around).certain & (found.width >= LONG * mask.shape[1])
    return bool((around | lines | brackets.find(found, ~around & ~lines).pair).any())


def leave_out(mask: Mask) -> Unmarked | None:
    """Leave out marks.

    Args:
        mask: (h, w) uint8; 0 paper, 255 ink; without specks.

    Returns:
        None if there are none.
    """
    found = pieces.find(mask)
    if len(found.numbers) > MOST:
        return None
    around = rings.find(found)
    row = ~around.certain & ~around.perhaps
    lines = underlines.find(found, row)
    row &= ~lines.certain & ~lines.perhaps
    other = ~around.certain & ~lines.certain if around.perhaps.any() or lines.perhaps.any() else None
    row &= ~_beside(found, row)
    enclosing = brackets.find(found, row)
    row &= ~enclosing.pair
    kept = row & ~enclosing.alone
    if kept.all():
        digit = underlines.erase_touching(mask)
        return None if digit is None else Unmarked(digit, digit, mask)
    return Unmarked(
        found.chosen(kept).mask(), found.chosen(row).mask(), None if other is None else found.chosen(other).mask()
    )


def _beside(found: Pieces, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which pieces are small things to the left or right of a digit."""
    at = int(np.where(kept, found.area, 0).argmax())
    if found.area[at] < MAIN * found.area[kept].sum():
        return np.zeros_like(kept)
    high = max(found.height[at], found.width[at])
    gap = np.maximum(found.left[at] - found.right, found.left - found.right[at])
    small = np.maximum(found.width, found.height) <= SMALL * high
    small &= found.top + found.bottom > 2 * found.top[at]  # the dot of an i is higher
    beside: NDArray[np.bool_] = kept & small & (gap >= max(ASIDE * high, 1))
    return beside
