"""The lines of ink on a page, and where they lie in the picture that was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing

Picture = NDArray[np.uint8]
"""(h, w) grey levels, or (h, w, 3) RGB, of a picture as it was sent, after its EXIF rotation."""

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

Affine = NDArray[np.float64]
"""(2, 3) matrix that takes the (x, y, 1) of a pixel to its place in the picture."""

MOST_HEIGHT = 128
"""Pixels of the ink of a line, at most: taller lines are scaled down, since the reader needs no more."""
MOST_LINES = 200
"""Lines of a page; of more, the highest are kept."""


class TextLine(NamedTuple):
    """A line that may hold digits, cut out of its page and level."""

    drawing: Drawing
    """(h, w) uint8; 0 paper, 255 ink: the line with a little paper around it, and no other line's ink."""
    box: Box
    """Of the line's ink in `drawing`."""
    to_picture: Affine
    """From pixels of `drawing` to pixels of the picture."""
    strokes: Sequence[NDArray[np.float64]] | None = None
    """Of a drawing whose strokes are known: each (n, 2) float64 points (x, y) in pixels of `drawing`, in order."""


class Page(NamedTuple):
    """What layout found in a picture."""

    lines: list[TextLine | None]
    """In reading order; of a grid its cells, row by row, None where a cell is empty."""
    grid: tuple[int, int] | None = None
    """Rows and columns, if the picture was to be read as a grid of boxes."""


def picture_box(box: Box, to_picture: Affine) -> Box:
    """Find the smallest upright box of whole pixels, in the picture, around a box in a line's drawing."""
    x, y, width, height = box
    corners = np.array([(x, y, 1), (x + width, y, 1), (x, y + height, 1), (x + width, y + height, 1)], float)
    placed = corners @ to_picture.T
    left, top = np.floor(placed.min(axis=0) + 1e-6).astype(int)
    right, bottom = np.ceil(placed.max(axis=0) - 1e-6).astype(int)
    return int(left), int(top), int(right - left), int(bottom - top)


def scale_down(picture: Picture, scale: float) -> Picture:
    """Scale a picture, or levels of one, down to at least a pixel; the picture itself if the scale is 1 or more."""
    if scale >= 1:
        return picture
    height, width = picture.shape[:2]
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    reduced: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return reduced
