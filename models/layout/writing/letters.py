"""Tell printed text from digits: most of its letters are equally low and stand on one line, beside higher ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.layout.writing.rows import Row
from models.preprocessing.pieces import Pieces

FEWEST, FEWEST_SMALL = 20, 8
"""Pieces of a row below which nothing is told; of a row that is much lower than others on the page."""
SMALL = 0.7
"""Height of such a row relative to that of the highest."""
LEAST = 0.35
"""Height of a letter, at least, in heights of the high ones: what is lower is a dot."""
LOW = (0.5, 0.84)
"""Heights of low letters in heights of the high ones."""
EQUAL = 0.06
"""Difference between low letters in heights of the high ones, at least a pixel."""
SHARE, ASCENDERS = 0.45, 0.2
"""Shares of a row's pieces that are low and equal, and that are high: a pair of brackets is not enough."""
ALIKE = 0.4
"""Largest difference between the heights of rows of one text, share of them."""
BESIDE = 4.0
"""Largest distance of a word from a row of its text, in heights of it."""


def belongs_to(row: Row, text: Sequence[Row], tallest: float) -> bool:
    """Tell whether a row is one of the rows of printed text, or a word that was not told: as low, and beside them.

    Args:
        row: of a page.
        text: its rows of printed text.
        tallest: height of the highest row of the page.
    """
    if any(row is each for each in text):
        return True
    return row.height < SMALL * tallest and any(
        abs(row.height - each.height) <= ALIKE * each.height and abs(row.middle - each.middle) <= BESIDE * each.height
        for each in text
    )


def are_in(components: Pieces, row: Row, slope: float, tallest: float) -> bool:
    """Tell whether a row is printed text rather than digits.

    Args:
        components: of the page.
        row: of it.
        slope: of the row, pixels down for each pixel to the right.
        tallest: height of the highest row of the page.
    """
    own = components.chosen(row.pieces)
    high = float(np.percentile(own.height, 90))
    own = own.chosen(own.height >= LEAST * high)
    low = (own.height >= LOW[0] * high) & (own.height <= LOW[1] * high)
    fewest = FEWEST_SMALL if row.height < SMALL * tallest else FEWEST
    if len(own.height) < fewest or not low.any():
        return False
    feet = own.bottom - slope * (own.left + own.width / 2)
    within = max(EQUAL * high, 1)
    equal = (abs(own.height - np.median(own.height[low])) <= within) & (abs(feet - np.median(feet[low])) <= within)
    ascend = np.count_nonzero(own.height > LOW[1] * high) >= ASCENDERS * len(low)
    return bool(ascend and np.count_nonzero(low & equal) >= SHARE * len(low))
