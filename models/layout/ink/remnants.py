"""Leave out what is left of pale rules, as the corner of a square: paler than the writing, and hollow."""

from __future__ import annotations

import numpy as np

from models.arrays import Drawing
from models.preprocessing.pieces import Pieces

PALE = 0.6
"""Largest level of a remnant's ink relative to that of the writing."""
HOLLOW = 0.2
"""Largest share of a remnant's box that is inked; a short one may be a whole line."""
SHORT = 0.5
"""Height of a short one in heights of the usual piece."""


def without(components: Pieces, ink: Drawing, usual: float) -> Pieces:
    """Leave out remnants of rules.

    Args:
        components: of a page from which rules were erased.
        ink: (h, w) uint8; 0 paper, 255 ink.
        usual: height of the usual piece in pixels.
    """
    if not len(components.numbers):
        return components
    sums = np.bincount(components.labels.ravel(), weights=ink.ravel())
    levels = sums[components.numbers] / components.area
    order = np.argsort(levels)
    heavy = components.area[order].cumsum()
    writing = float(levels[order][np.searchsorted(heavy, heavy[-1] / 2)])
    hollow = components.area < HOLLOW * components.width * components.height
    short = components.height < SHORT * usual
    return components.chosen(~((levels < PALE * writing) & (hollow | short)))
