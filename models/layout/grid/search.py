"""Search a map of rules for where a grid of so many rows and columns may be."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.layout.grid.rules import Rules

COARSE = 192
"""Longest side, in pixels, of the map in which every upright rectangle is tried."""
STEP = 3
"""Pixels of it between the edges that are tried."""
SMALLEST = 0.12
"""Smallest side of a grid, share of the map's longest side."""
BETWEEN = 0.5
"""Weight of what looks like a rule in the middle of a cell, against rules where they belong."""
STRETCH = 0.04
"""Weight of how far from square the cells are."""
TRIED = 3
"""Rectangles that are tried at most, and as many outlines."""
OVERLAP = 0.7
"""Share of the common area above which two rectangles are the same."""
CLEAR = 64
"""Level of rules above which they hang together as an outline."""

Outline = NDArray[np.float64]
"""(4, 2) the x, y of a grid's corners, from the top left clockwise."""


def find_candidates(rules: Rules, rows: int, columns: int) -> list[Outline]:
    """Find quadrilaterals, in pixels of the maps, that may be the grid's outline: upright rectangles and outlines."""
    return [*_rectangles(rules, rows, columns), *_outlines(rules)]


def _rectangles(rules: Rules, rows: int, columns: int) -> list[Outline]:
    """Try every upright rectangle in a coarse map, by the share of its rules that are there."""
    factor = max(-(-max(rules.level.shape) // COARSE), 1)
    level, plumb = _pooled(rules.level, factor), _pooled(rules.plumb, factor)
    height, width = level.shape
    smallest = SMALLEST * max(height, width)
    across, down = _spans(width, max(smallest, 3 * columns)), _spans(height, max(smallest, 3 * rows))
    if not len(across) or not len(down):
        return []
    scores = _covered(level, across, down, rows) + _covered(plumb.T, down, across, columns).T
    sides = np.log(np.diff(across)[:, 0] / columns)[:, None] - np.log(np.diff(down)[:, 0] / rows)
    scores -= STRETCH * abs(sides).astype(np.float32)
    found: list[Outline] = []
    for _ in range(TRIED):
        left, top = divmod(int(scores.argmax()), len(down))
        (x0, x1), (y0, y1) = across[left], down[top]
        found.append((np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float) + 0.5) * factor - 0.5)
        common = _common(across, x0, x1)[:, None] * _common(down, y0, y1)
        scores[common > OVERLAP] = -1
    return found


def _pooled(pieces: NDArray[np.uint8], factor: int) -> NDArray[np.float32]:
    height, width = (-(-side // factor) * factor for side in pieces.shape)
    padded = np.pad(pieces, ((0, height - pieces.shape[0]), (0, width - pieces.shape[1])))
    pooled = padded.reshape(height // factor, factor, width // factor, factor).max(axis=(1, 3))
    shares: NDArray[np.float32] = pooled.astype(np.float32) / 255
    return shares


def _spans(length: int, smallest: float) -> NDArray[np.intp]:
    """Return (n, 2): first and last pixel of all spans that are tried."""
    first, last = np.meshgrid(np.arange(0, length, STEP), np.arange(0, length, STEP), indexing="ij")
    long = last - first >= smallest
    return np.stack([first[long], last[long]], axis=1)


def _covered(
    level: NDArray[np.float32], across: NDArray[np.intp], down: NDArray[np.intp], n: int
) -> NDArray[np.float32]:
    """Return, for spans across and down, how much of the n + 1 rules across is there, less what is between them."""
    wide = cv2.dilate(level, np.ones((3, 1), np.uint8))
    around = cv2.blur(wide, (2 * (level.shape[1] // 16) + 1, 1))
    wide = np.minimum(wide, np.clip(2 * around - 0.6, 0, 1))
    sums = np.pad(wide.cumsum(axis=1), ((0, 0), (1, 0)))
    means = (sums[:, across[:, 1] + 1] - sums[:, across[:, 0]]) / (across[:, 1] + 1 - across[:, 0])
    weights = np.zeros((len(level), len(down)), np.float32)
    spans = np.arange(len(down))
    lengths = down[:, 1] - down[:, 0]
    for k in range(n + 1):
        np.add.at(weights, (np.rint(down[:, 0] + lengths * k / n).astype(int), spans), 1 / (n + 1))
    for k in range(n):
        np.add.at(weights, (np.rint(down[:, 0] + lengths * (k + 0.5) / n).astype(int), spans), -BETWEEN / n)
    covered: NDArray[np.float32] = means.T @ weights
    return covered


def _common(spans: NDArray[np.intp], first: int, last: int) -> NDArray[np.float64]:
    """Return each span's overlap with another one, as a share of both together."""
    shared = np.minimum(spans[:, 1], last) - np.maximum(spans[:, 0], first)
    together = np.maximum(spans[:, 1], last) - np.minimum(spans[:, 0], first)
    share: NDArray[np.float64] = np.maximum(shared, 0) / np.maximum(together, 1)
    return share


def _outlines(rules: Rules) -> list[Outline]:
    """Take the corners of the largest networks of rules that hang together."""
    mask = cv2.threshold(cv2.max(rules.level, rules.plumb), CLEAR, 255, cv2.THRESH_BINARY)[1]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, np.ones((3, 3), np.uint8)))
    boxes = stats[1:]
    smallest = SMALLEST * max(mask.shape)
    large = np.flatnonzero(boxes[:, 2:4].max(axis=1, initial=0) >= smallest) + 1
    largest = large[np.argsort(-(stats[large, 2] * stats[large, 3]), kind="stable")][:TRIED]
    found = []
    for label in largest:
        left, top, width, height = stats[label, :4]
        y, x = np.nonzero(labels[top : top + height, left : left + width] == label)
        places = [int(order.argmin()) for order in (x + y, y - x, -x - y, x - y)]
        found.append(np.array([(x[at] + left, y[at] + top) for at in places], float))
    return found
