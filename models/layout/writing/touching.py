"""Cut pieces of ink that reach from one row into another, where digits of both touch."""

from __future__ import annotations

import itertools

import numpy as np

from models.arrays import Mask
from models.layout.ink import clutter
from models.layout.writing import rows
from models.layout.writing.rows import Row
from models.preprocessing.pieces import Pieces

HIGH = 1.55
"""Smallest height of such a piece in heights of the usual one."""
WITHIN = 0.15
"""How far the piece reaches beyond the middles of both rows, at least, in heights of the usual piece."""
BESIDE = 3.0
"""Largest distance of a row from the piece in heights of the usual piece."""
FEWEST = 3
"""Other pieces on the page, at least."""


def cut(mask: Mask, found: Pieces, slope: float) -> bool:
    """Cut, in place, pieces that hold digits of two rows or more; returns whether there were any.

    Args:
        mask: (h, w) uint8, in which the pieces were found.
        found: the pieces.
        slope: of the rows, pixels down for each pixel to the right.
    """
    usual = clutter.usual_height(found)
    high = found.height > HIGH * usual
    if not high.any() or np.count_nonzero(~high) < FEWEST:
        return False
    written = [row for row in rows.find(found.chosen(~high), slope) if row.height > usual / 2]
    changed = False
    for at in np.flatnonzero(high):
        middles = _middles(found, int(at), written, slope, usual)
        for above, below in itertools.pairwise(middles):
            changed = True
            _cut(mask, found, int(at), above, below)
    return changed


def _middles(found: Pieces, at: int, written: list[Row], slope: float, usual: float) -> list[float]:
    """Return where the middles of the rows beside a piece are in it, from the top."""
    tilt = slope * float(found.left[at] + found.width[at] / 2)
    reach, room = BESIDE * usual, WITHIN * usual
    middles: list[float] = []
    for row in written:
        middle = row.middle + tilt
        beside = row.left - reach < found.right[at] and row.right + reach > found.left[at]
        within = found.top[at] + room < middle < found.bottom[at] - room
        if beside and within and (not middles or middle - middles[-1] > 0.6 * usual):
            middles.append(middle)
    return middles


def _cut(mask: Mask, found: Pieces, at: int, above: float, below: float) -> None:
    """Erase the row of pixels with the least ink between two middles."""
    part = slice(int(found.left[at]), int(found.right[at]))
    first, last = round(above + (below - above) / 4), round(below - (below - above) / 4)
    own = found.labels[first : last + 1, part] == found.numbers[at]
    ink = np.count_nonzero(own, axis=1)
    middle = abs(np.arange(len(ink)) - len(ink) / 2) / max(len(ink), 1)
    place = int(np.argmin(ink + middle))
    mask[first + place, part][own[place]] = 0
