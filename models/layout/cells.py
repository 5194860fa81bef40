"""Find the cells of a grid of boxes in a picture."""

from __future__ import annotations

import numpy as np

from models.layout.lines import find_lines
from models.layout.page import Page, Picture, TextLine


def find_cells(picture: Picture, rows: int, columns: int) -> Page:
    """Find the ink in each cell of a grid.

    Args:
        picture: (h, w) or (h, w, 3) uint8, of up to 12 megapixels; the grid may be anywhere in it.
        rows: of the grid, at least 1.
        columns: of the grid, at least 1.

    Returns:
        A page with rows x columns lines, each with the one digit of its cell; None where a cell is empty.
    """
    height, width = picture.shape[:2]
    cells: list[TextLine | None] = []
    for row in range(rows):
        for column in range(columns):
            top, left = height * row // rows, width * column // columns
            cell = picture[top : height * (row + 1) // rows, left : width * (column + 1) // columns]
            found = find_lines(np.ascontiguousarray(cell)).lines
            line = found[0] if found else None
            cells.append(line and line._replace(to_picture=line.to_picture + np.array([[0, 0, left], [0, 0, top]])))
    return Page(cells, (rows, columns))
