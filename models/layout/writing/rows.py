"""Group pieces of ink into rows: the lines of writing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preprocessing.pieces import Pieces

ALIKE = 0.4
"""Smallest height of a piece of ink relative to that of its neighbour in a row."""
ASIDE = 0.42
"""Largest distance between the middles of neighbours, across the row, in heights of the higher one."""
STEP, CLOSE = 0.6, 0.6
"""Largest distance across a row of two parts of it that are this close, in heights of a row."""
ASKEW = 1.5
"""Weight of the distance across a row, against the gap along it, where several neighbours fit."""
EQUAL = 0.5
"""Smallest height of a part of a row relative to one that it continues far away."""
NEAR = 2.0
"""Largest gap between neighbours in heights of the higher one."""
INSIDE = 0.8
"""Largest distance of small ink, as a dot or the bar of a 5, from the middle of its row, in heights of the row."""
FAR = 8.0
"""Largest gap within a row, in heights of the row, if nothing else tells columns apart."""
GUTTER = 3.0
"""Distance of rows, in their heights, over which a blank between two parts of a row is looked for in other rows too."""
ENDS = 2
"""Pieces at an end of a part of a row that tell where the row goes on."""
NARROWEST = 1.5
"""Smallest width of a gutter in heights of a row."""

Floats = NDArray[np.float64]


class Row(NamedTuple):
    """Pieces of ink side by side."""

    pieces: NDArray[np.intp]
    """Which of the components."""
    left: float
    right: float
    middle: float
    """Of the ink across the row, at its left end's column 0: y - slope * x."""
    height: float
    """Of its high pieces, in pixels."""
    first: float
    """As `middle`, of the leftmost high pieces."""
    last: float
    """Of the rightmost ones."""


def find(components: Pieces, slope: float) -> list[Row]:
    """Group pieces into rows; from top to bottom.

    Args:
        components: of one page.
        slope: of the rows, pixels down for each pixel to the right.
    """
    if not len(components.numbers):
        return []
    x = components.left + components.width / 2
    y = components.top + components.height / 2 - slope * x
    chains = _chains(components, y)
    rows = [_row(components, y, chain) for chain in chains]
    rows = _merged(components, y, rows, NEAR)
    rows = _joined(components, y, rows)
    return sorted(rows, key=lambda row: row.middle)


def _row(components: Pieces, y: Floats, pieces: NDArray[np.intp]) -> Row:
    heights = components.height[pieces]
    high = heights >= ALIKE * np.percentile(heights, 90)
    ordered = y[pieces][high][np.argsort(components.left[pieces][high], kind="stable")]
    return Row(
        pieces,
        float(components.left[pieces].min()),
        float(components.right[pieces].max()),
        float(np.median(y[pieces][high])),
        float(np.median(heights[high])),
        float(ordered[:ENDS].mean()),
        float(ordered[-ENDS:].mean()),
    )


def _chains(components: Pieces, y: Floats) -> list[NDArray[np.intp]]:
    """Chain each piece with the nearest one on its right that is as high and level with it, if it is so mutually."""
    order = np.argsort(components.left + components.right, kind="stable")
    left, right, height, middle = (
        values[order].astype(np.float32) for values in (components.left, components.right, components.height, y)
    )
    higher = np.maximum(height[:, None], height)
    gap = left[None, :] - right[:, None]
    aside = np.abs(middle[:, None] - middle)
    fits = (np.minimum(height[:, None], height) >= ALIKE * higher) & (aside <= ASIDE * higher) & (gap <= NEAR * higher)
    cost = np.where(np.triu(fits, 1), np.maximum(gap, 0) + ASKEW * aside, np.inf)
    after, before = cost.argmin(axis=1), cost.argmin(axis=0)
    count = len(order)
    linked = np.isfinite(cost[np.arange(count), after]) & (before[after] == np.arange(count))
    chain = np.arange(count)
    for at in np.flatnonzero(linked):  # in order from left to right, so that each chain's number is its first piece's
        chain[after[at]] = chain[at]
    return [order[chain == first] for first in np.unique(chain)]


def _merged(components: Pieces, y: Floats, rows: list[Row], near: float) -> list[Row]:
    """Merge rows that are parts of one: level with each other and near, or small ink inside of a larger row."""
    rows = sorted(rows, key=lambda row: -(row.height * len(row.pieces)))
    merged: list[Row] = []
    for row in rows:
        at = _host(row, merged, near)
        if at is None:
            merged.append(row)
        else:
            merged[at] = _row(components, y, np.concatenate([merged[at].pieces, row.pieces]))
    return merged


def _host(row: Row, others: list[Row], near: float) -> int | None:
    best, least = None, np.inf
    for at, other in enumerate(others):
        high = other.height if other.height > row.height else row.height
        gap = row.left - other.right if row.left > other.left else other.left - row.right
        small = row.height < ALIKE * other.height
        if gap > (1.0 if small else near) * high or row.height > 2 * other.height:
            continue
        aside = _aside(row, other)
        reach = INSIDE * other.height if small or gap < 0 else ASIDE * high
        if not small and 0 <= gap <= CLOSE * high:
            reach = STEP * high
        cost = max(gap, 0) + ASKEW * aside
        if aside <= reach and cost < least:
            best, least = at, cost
    return best


def _aside(row: Row, other: Row) -> float:
    """Measure how far two parts of a row are from level: as a whole, or where they meet."""
    first, second = (row, other) if row.left <= other.left else (other, row)
    return min(abs(row.middle - other.middle), abs(first.last - second.first))


def _joined(components: Pieces, y: Floats, rows: list[Row]) -> list[Row]:
    """Join parts of a row that are far apart, unless a gutter runs between them."""
    rows = sorted(rows, key=lambda row: row.left)
    joined: list[Row] = []
    for row in rows:
        before = [other for other in joined if _continues(other, row)]
        at = max(before, key=lambda other: other.right, default=None)
        if at is None or _is_gutter(at, row, rows):
            joined.append(row)
        else:
            joined = [other for other in joined if other is not at]
            joined.append(_row(components, y, np.concatenate([at.pieces, row.pieces])))
    return joined


def _continues(row: Row, other: Row) -> bool:
    high = max(row.height, other.height)
    level = _aside(row, other) <= ASIDE * high and min(row.height, other.height) >= EQUAL * high
    return level and 0 <= other.left - row.right <= FAR * high


def _is_gutter(row: Row, other: Row, rows: list[Row]) -> bool:
    """Tell whether the blank between two parts of a row is blank in another row too, with ink on both sides."""
    high = max(row.height, other.height)
    near = [each for each in rows if 0.5 * high < abs(each.middle - row.middle) <= GUTTER * max(high, each.height)]
    before = [each.right for each in near if each.right <= other.left and each.right > row.left]
    after = [each.left for each in near if each.left >= row.right and each.left < other.right]
    crossing = any(each.right > other.left and each.left < row.right for each in near)
    if crossing or not before or not after:
        return False
    return min(*after, other.left) - max(*before, row.right) >= NARROWEST * high
