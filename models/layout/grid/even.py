"""Cut a picture without rules evenly into a grid: itself, or the part of it that holds the ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Grey, Mask
from models.layout.grid.mesh import Nodes
from models.layout.page import scale_down

LONGEST_SIDE = 400
"""Pixels to which a picture is scaled down while ink is looked for."""
INK = 0.35
"""Share of the darkest ink's difference from the paper that counts as ink."""
LEAST = 24
"""Grey levels between paper and ink below which there is none."""
SPECK = 0.04
"""Longest side of a speck, share of the ink's shorter side."""
CUT = 2
"""Ink that is cut counts so much, beside digits that are off their cell's middle, in cells."""

Edges = tuple[float, float]
"""First and last edge of the grid in one direction, in pixels."""


def spread(grey: Grey, rows: int, columns: int) -> Nodes:
    """Lay an even, upright grid over a picture.

    Args:
        grey: (h, w) uint8, dark ink on light paper.
        rows: of the grid.
        columns: of the grid.

    Returns:
        Its crossings in pixels of the picture.
    """
    height, width = grey.shape
    small = scale_down(grey, LONGEST_SIDE / max(height, width))
    boxes = _digit_boxes(small)
    x = _edges(boxes[:, 0], boxes[:, 2], small.shape[1], columns)
    y = _edges(boxes[:, 1], boxes[:, 3], small.shape[0], rows)
    across = np.linspace(*x, columns + 1) * width / small.shape[1] - 0.5
    down = np.linspace(*y, rows + 1) * height / small.shape[0] - 0.5
    return np.stack(np.meshgrid(across, down), axis=2)


def _digit_boxes(grey: Grey) -> NDArray[np.float64]:
    """Return (n, 4): x, y, width, height of what is inked, specks aside."""
    difference = cv2.subtract(np.full_like(grey, round(float(np.median(grey)))), grey)
    threshold = max(INK * float(np.percentile(difference, 99.8)), LEAST)
    mask: Mask = cv2.threshold(difference, threshold, 255, cv2.THRESH_BINARY)[1]
    boxes: NDArray[np.float64] = cv2.connectedComponentsWithStats(mask)[2][1:, :4].astype(np.float64)
    large: NDArray[np.float64] = boxes[boxes[:, 2:].max(axis=1) > SPECK * min(grey.shape)]
    return large


def _edges(starts: NDArray[np.float64], lengths: NDArray[np.float64], side: int, n: int) -> Edges:
    """Choose where a grid of n cells begins and ends: the picture's edges, or even cells around the ink."""
    whole = (0.0, float(side))
    if not len(starts):
        return whole
    longest = float(np.percentile(lengths, 90))
    first, last = float(starts.min()), float((starts + lengths).max())
    if n == 1:
        return first, last
    pitch = max(last - first - longest, n) / (n - 1)
    around = first + longest / 2 - pitch / 2, first + longest / 2 + pitch * (n - 0.5)
    costs = [_cost(starts, lengths, edges, n) for edges in (whole, around)]
    return whole if costs[0] <= costs[1] else around


def _cost(starts: NDArray[np.float64], lengths: NDArray[np.float64], edges: Edges, n: int) -> float:
    """Return how much ink is cut, and how far digits are from their cells' middles."""
    pitch = (edges[1] - edges[0]) / n
    first, last = (starts + 1 - edges[0]) / pitch, (starts + lengths - 1 - edges[0]) / pitch
    off = abs((first + last) / 2 % 1 - 0.5)
    return float((CUT * (np.floor(first) != np.floor(last)) + off).mean())
