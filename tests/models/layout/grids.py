"""Draw grids of boxes with digits in some of their cells, and photograph them."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

CELL = 60
"""Pixels from one rule to the next."""
MARGIN = 70
"""Pixels of paper around the grid."""
BLACK, RED, BLUE = (0.9, 0.9, 0.9), (0.25, 0.85, 0.85), (0.85, 0.8, 0.3)
"""Light that inks absorb: of red, green and blue."""
PAPER = (214, 208, 196)
"""Red, green and blue."""

Absorption = NDArray[np.float32]
Cell = tuple[int, int]


class Grid(NamedTuple):
    """A drawn grid."""

    page: Absorption
    """(h, w, 3) light that is absorbed, 0 to 1."""
    boxes: dict[Cell, NDArray[np.float64]]
    """By the row and column of each digit, (4, 2) x, y of the corners of its box."""

    def photo(self, to_photo: NDArray[np.float64] | None = None, light: float | NDArray[np.float64] = 1.0) -> Photo:
        """Photograph the grid.

        Args:
            to_photo: (3, 3) homography; None: the page as it is.
            light: that falls on the page, 0 to 1; one number, or (h, w).
        """
        matrix = np.eye(3) if to_photo is None else to_photo
        height, width = self.page.shape[:2]
        page = cv2.warpPerspective(self.page, matrix, (width, height))
        seen = np.atleast_3d(light) * (1 - page) * PAPER
        seen += np.random.default_rng(1).normal(0, 2, seen.shape)
        boxes = {}
        for cell, corners in self.boxes.items():
            placed = cv2.perspectiveTransform(corners[None], matrix)[0]
            (left, top), (right, bottom) = placed.min(axis=0), placed.max(axis=0)
            boxes[cell] = left, top, right, bottom
        return Photo(cv2.GaussianBlur(np.clip(seen, 0, 255).astype(np.uint8), (3, 3), 0), boxes)


class Photo(NamedTuple):
    """A grid as it was photographed."""

    picture: NDArray[np.uint8]
    """(h, w, 3) RGB."""
    boxes: dict[Cell, tuple[float, float, float, float]]
    """By the row and column of each digit: its left, top, right and bottom."""


def draw(
    rows: int,
    columns: int,
    cells: dict[Cell, int],
    *,
    rules: bool = True,
    gap: int = 0,
    without: int | None = None,
    inks: tuple[tuple[float, float, float], ...] = (BLACK,),
    thickness: int = 2,
    margin: int = MARGIN,
) -> Grid:
    """Draw a grid.

    Args:
        rows: of the grid.
        columns: of the grid.
        cells: the digits by row and column.
        rules: whether there are any.
        gap: pixels between the boxes; 0: they share their rules.
        without: a horizontal rule that is missing, counted from the top.
        inks: of the digits, in turn.
        thickness: pixels of the rules.
        margin: pixels of paper around the grid.
    """
    across, down = columns * CELL, rows * CELL
    page = np.zeros((down + 2 * margin, across + 2 * margin, 3), np.float32)
    for row, column in np.ndindex(rows, columns):
        left, top = margin + column * CELL + gap // 2, margin + row * CELL + gap // 2
        if rules:
            cv2.rectangle(page, (left, top), (left + CELL - gap, top + CELL - gap), BLACK, thickness)
    if without is not None:
        at = margin + without * CELL
        for column in range(columns):
            left = margin + column * CELL + thickness + 1
            page[at - thickness : at + thickness + 1, left : left + CELL - 2 * thickness - 2] = 0
    boxes = {}
    for turn, ((row, column), digit) in enumerate(cells.items()):
        glyph = np.zeros((CELL, CELL), np.uint8)
        cv2.putText(glyph, str(digit), (20, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.0 if not gap else 0.8, 255, 3, cv2.LINE_AA)
        left, top = margin + column * CELL, margin + row * CELL
        ink = (glyph / np.float32(255))[:, :, None] * np.array(inks[turn % len(inks)], np.float32)
        place = page[top : top + CELL, left : left + CELL]
        np.maximum(place, ink, out=place)
        x, y, width, height = cv2.boundingRect((glyph > 127).astype(np.uint8))
        x, y = x + left, y + top
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        boxes[row, column] = np.array(corners, float)
    return Grid(page, boxes)


def some_cells(rows: int, columns: int, share: float = 0.6) -> dict[Cell, int]:
    """Fill a share of the cells with digits."""
    generator = np.random.default_rng(rows * 100 + columns)
    return {cell: int(generator.integers(10)) for cell in np.ndindex(rows, columns) if generator.random() < share}
