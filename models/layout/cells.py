"""Find the cells of a grid of boxes in a picture."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Grey
from models.layout.grid import boxes, even, ink, mesh, search
from models.layout.grid.mesh import Corners, cell_corners
from models.layout.grid.rules import find_rules
from models.layout.page import Affine, Page, Picture, TextLine

CELL = 72
"""Pixels of a cell's shorter side when its ink is lifted."""
LONGEST = 12
"""Longest side of a cell, in shorter sides, that is looked at undistorted."""
SMALLEST = 4
"""Pixels of a cell's shorter side, and of the picture's, below which no digit can be read."""
MOST_PIXELS = 2_500_000
"""Pixels of all cells together, when their ink is lifted."""
CLEAR = 0.4
"""Clearness of a mesh above which it is a grid."""
FAINT = 0.15
"""Share of the usual contrast of ink below which a cell holds but dirt, or ink from the back of the paper."""


def find_cells(picture: Picture, rows: int, columns: int) -> Page:
    """Find the ink in each cell of a grid.

    Args:
        picture: (h, w) or (h, w, 3) uint8, of up to 12 megapixels; the grid may be anywhere in it.
        rows: of the grid, at least 1.
        columns: of the grid, at least 1.

    Returns:
        A page with rows x columns lines, each with the one digit of its cell; None where a cell is empty.
    """
    if min(picture.shape[:2]) < SMALLEST:  # OpenCV takes the smallest arrays for scalars
        return Page([None] * (rows * columns), (rows, columns))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    for light in (False, True):
        corners = _find(cv2.bitwise_not(grey) if light else grey, rows, columns)
        if corners is not None:
            break
    else:
        light = _is_light_on_dark(grey)
        corners = cell_corners(even.spread(cv2.bitwise_not(grey) if light else grey, rows, columns))
    return Page(_lines(cv2.bitwise_not(picture) if light else picture, corners), (rows, columns))


def _find(grey: Grey, rows: int, columns: int) -> Corners | None:
    """Find the cells between dark rules; None if there is no such grid."""
    rules = find_rules(grey, rows, columns)
    corners = boxes.find_boxes(rules, rows, columns)
    if corners is None:
        outlines = search.find_candidates(rules, rows, columns)
        meshes = [mesh.fit(rules, outline, rows, columns) for outline in outlines]
        best = max(meshes, key=lambda each: each.fitness, default=None)
        best = best and mesh.fit_beside(rules, best)
        corners = cell_corners(best.nodes) if best and best.clearness >= CLEAR else None
    return None if corners is None else corners @ rules.to_picture[:, :2].T + rules.to_picture[:, 2]


def _is_light_on_dark(grey: Grey) -> bool:
    darkest, paper, lightest = np.percentile(grey[:: max(len(grey) // 512, 1)], (0.5, 50, 99.5))
    return bool(lightest - paper > paper - darkest)


def _lines(picture: Picture, corners: Corners) -> list[TextLine | None]:
    """Lift the ink of every cell."""
    down, across = (float(np.median(np.linalg.norm(np.diff(corners, axis=axis), axis=-1))) for axis in (2, 3))
    shorter, longer = min(across, down), min(max(across, down), LONGEST * min(across, down))
    rows, columns = corners.shape[:2]
    if shorter < SMALLEST:
        return [None] * (rows * columns)
    side = min(CELL, math.sqrt(MOST_PIXELS / (rows * columns) * shorter / longer))
    small, ratio = _reduced(picture, max(int(shorter // side), 1))
    shape = round(side * min(across / shorter, LONGEST)), round(side * min(down / shorter, LONGEST))
    beyond = round(ink.BEYOND * side)
    found = []
    for row, column in itertools.product(range(rows), range(columns)):
        to_picture = _placed(corners[row, column], shape, beyond)
        found.append((ink.lift(_cut(small, to_picture, ratio, shape, beyond), beyond), to_picture))
    usual = np.median([lifted.contrast for lifted, _ in found if lifted] or [0])
    return [
        TextLine(lifted.drawing, lifted.box, place) if lifted and lifted.contrast >= FAINT * usual else None
        for lifted, place in found
    ]


def _reduced(picture: Picture, factor: int) -> tuple[Picture, NDArray[np.float64]]:
    """Scale a picture down, and return its pixels per pixel in x and y."""
    height, width = picture.shape[:2]
    size = max(width // factor, 1), max(height // factor, 1)
    small: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if factor > 1 else picture
    return small, np.array([width / size[0], height / size[1]])


def _cut(
    small: Picture, to_picture: Affine, ratio: NDArray[np.float64], shape: tuple[int, int], beyond: int
) -> Picture:
    to_small = to_picture.copy()
    to_small[:, 2] += 0.5
    to_small /= ratio[:, None]
    to_small[:, 2] -= 0.5
    size = shape[0] + 2 * beyond, shape[1] + 2 * beyond
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cell: Picture = cv2.warpAffine(small, to_small, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return cell


def _placed(corners: NDArray[np.float64], shape: tuple[int, int], beyond: int) -> Affine:
    """Return the affine map from pixels of a cell that is cut out to those of the picture, around its middle."""
    (a, b), (c, d) = corners
    across, down = shape
    right, below = (b - a + d - c) / (2 * across), (c - a + d - b) / (2 * down)
    middle = corners.mean(axis=(0, 1))
    start = middle - right * (across / 2 + beyond - 0.5) - below * (down / 2 + beyond - 0.5)
    return np.column_stack([right, below, start])
