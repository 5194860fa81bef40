"""Put lines into reading order: column by column where there are gutters, otherwise line by line."""

from __future__ import annotations

from collections.abc import Sequence

from models.layout.page import Box

OVERLAP = 0.5
"""Share of the lower one of two lines by which they stand side by side."""
GUTTER = 0.8
"""Least width of a gutter between columns, in heights of a line."""


def order(boxes: Sequence[Box]) -> list[int]:
    """Return the indices of lines in the order in which they are read.

    A gutter divides columns if at least two lines stand on both of its sides (XY cut; Nagy and Seth 1984).

    Args:
        boxes: of the lines, level.
    """
    return _order(boxes, list(range(len(boxes))))


def _order(boxes: Sequence[Box], which: list[int]) -> list[int]:
    bands = _bands(boxes, which)
    ordered: list[int] = []
    first = 0
    while first < len(bands):
        last, columns = first, None
        together = list(bands[first])
        for after in range(first + 1, len(bands)):
            divided = _columns(boxes, together + bands[after])
            if divided is None:
                break
            together, last, columns = together + bands[after], after, divided
        if columns is None:
            ordered += sorted(bands[first], key=lambda at: boxes[at][0])
        else:
            left, right = columns
            ordered += _order(boxes, left) + _order(boxes, right)
        first = last + 1
    return ordered


def _bands(boxes: Sequence[Box], which: list[int]) -> list[list[int]]:
    """Divide lines into bands, one below the other, of lines side by side."""
    bands: list[list[int]] = []
    for at in sorted(which, key=lambda at: 2 * boxes[at][1] + boxes[at][3]):
        if bands and any(_are_beside(boxes[at], boxes[other]) for other in bands[-1]):
            bands[-1].append(at)
        else:
            bands.append([at])
    return bands


def _are_beside(box: Box, other: Box) -> bool:
    overlap = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    apart = max(box[0] - other[0] - other[2], other[0] - box[0] - box[2])
    return overlap >= OVERLAP * min(box[3], other[3]) and apart >= 0


def _columns(boxes: Sequence[Box], which: list[int]) -> tuple[list[int], list[int]] | None:
    """Divide lines at the leftmost gutter with two lines on each side."""
    ordered = sorted(which, key=lambda at: boxes[at][0])
    height = sorted(boxes[at][3] for at in which)[len(which) // 2]
    right = boxes[ordered[0]][0]
    for count, at in enumerate(ordered):
        left, right_of_at = boxes[at][0], boxes[at][0] + boxes[at][2]
        if count >= 2 and len(ordered) - count >= 2 and left - right >= GUTTER * height:
            return ordered[:count], ordered[count:]
        right = max(right, right_of_at)
    return None
