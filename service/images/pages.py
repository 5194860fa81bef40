"""The images of a request -> pages of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import RequestError, RequestTooLarge, UnusableInput
from models.layout import cells, lines, strokes
from models.layout.page import Page
from service.images.decode import SentPicture

Strokes = Sequence[NDArray[np.float64]]
Grid = tuple[int, int]
"""Rows and columns of boxes."""
MAX_STROKES = 2_000
"""Of a drawing: over a thousand digits. The time to group strokes grows with the square of their number."""


@dataclass(slots=True)
class Pages:
    """What the images of a request gave.

    Attributes:
        results: for each image, in order, its page or why there is none.
        decode_seconds: time that decoding all images took.
        layout_seconds: time that finding their lines took.
    """

    results: Sequence[Page | RequestError]
    decode_seconds: float = 0.0
    layout_seconds: float = 0.0


def lay_out(sent: SentPicture | Strokes, grid: Grid | None) -> Page:
    """Find the lines of a picture or of a drawing's strokes, or the cells of a picture's grid.

    Returns:
        A page in pixels of the picture as it was sent, or in the unit of the strokes.

    Raises:
        UnusableInput: strokes are to be read as a grid.
        RequestTooLarge: there are more strokes than a page of numbers has.
    """
    if not isinstance(sent, SentPicture):
        if grid:
            raise UnusableInput("bad_strokes", "A grid of boxes is read in a picture, not in strokes; send its pixels.")
        if len(sent) > MAX_STROKES:
            raise RequestTooLarge(
                "too_many_strokes", f"The drawing has over {MAX_STROKES:,} strokes; send a part of it."
            )
        return strokes.find_lines(sent)
    page = cells.find_cells(sent.pixels, *grid) if grid else lines.find_lines(sent.pixels)
    to_sent = np.array([[sent.scale[0]], [sent.scale[1]]])
    return page._replace(
        lines=[line and line._replace(to_picture=line.to_picture * to_sent) for line in page.lines],
    )
