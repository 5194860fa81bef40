"""Find the cells of a grid of boxes in a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.layout import grid_ink, grid_mesh, grid_search
from models.layout.grid_mesh import Nodes
from models.layout.grid_rules import find_rules
from models.layout.page import Affine, Page, Picture, TextLine

CELL = 72
"""Pixels of a cell's shorter side when its ink is lifted."""
LONGEST = 5
"""Longest side of a cell, in shorter sides, that is looked at."""
CLEAR = 0.4
"""Clearness of a mesh above which it is a grid."""
FAINT = 0.25
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
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    rules = find_rules(grey, rows, columns)
    meshes = [
        grid_mesh.fit(rules, corners, rows, columns) for corners in grid_search.find_candidates(rules, rows, columns)
    ]
    best = max(meshes, key=lambda mesh: mesh.clearness)
    nodes = best.nodes @ rules.to_picture[:, :2].T + rules.to_picture[:, 2]
    return Page(_lines(picture, nodes), (rows, columns))


def _lines(picture: Picture, nodes: Nodes) -> list[TextLine | None]:
    sides = [float(np.median(np.linalg.norm(np.diff(nodes, axis=axis), axis=2))) for axis in (0, 1)]
    factor = max(int(min(sides) // CELL), 1)
    height, width = picture.shape[:2]
    size = max(width // factor, 1), max(height // factor, 1)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if factor > 1 else picture
    ratio = np.array([width / size[0], height / size[1]])
    shorter = min(sides)
    across, down = (round(CELL * min(side / shorter, LONGEST)) for side in sides[::-1])
    beyond = round(grid_ink.BEYOND * CELL)
    found = []
    for row in range(nodes.shape[0] - 1):
        for column in range(nodes.shape[1] - 1):
            to_picture = _placed(nodes[row : row + 2, column : column + 2], across, down, beyond)
            to_small = to_picture.copy()
            to_small[:, 2] += 0.5
            to_small /= ratio[:, None]
            to_small[:, 2] -= 0.5
            shape = across + 2 * beyond, down + 2 * beyond
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            cell = cv2.warpAffine(small, to_small, shape, flags=flags, borderMode=cv2.BORDER_REPLICATE)
            found.append((grid_ink.lift(cell, beyond), to_picture))
    usual = np.median([ink.contrast for ink, _ in found if ink] or [0])
    return [
        TextLine(ink.drawing, ink.box, place) if ink and ink.contrast >= FAINT * usual else None for ink, place in found
    ]


def _placed(corners: NDArray[np.float64], across: int, down: int, beyond: int) -> Affine:
    """Return the affine map from pixels of a cell that is cut out to those of the picture, around its middle."""
    (a, b), (c, d) = corners
    right, below = (b - a + d - c) / (2 * across), (c - a + d - b) / (2 * down)
    middle = corners.mean(axis=(0, 1))
    start = middle - right * (across / 2 + beyond - 0.5) - below * (down / 2 + beyond - 0.5)
    return np.column_stack([right, below, start])
