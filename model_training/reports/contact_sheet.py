"""Lay out images before and after canonicalization, side by side on one sheet."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import BlankDrawing
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.mnist_geometry import SIZE
from models.preprocessing.polarity import find_ink

TILE = 4 * SIZE
"""Side of either image, pixels."""
GAP = 6
CAPTION = 18
"""Height of the name below the images, pixels."""
LETTERS = 27
"""Characters of a name that fit."""
ACROSS = 6
"""Pairs in a row."""
PAPER, SHADE = 255, 200

Grey = NDArray[np.uint8]


class Pair(NamedTuple):
    """One image, and the canonical digit that the model reads."""

    name: str
    before: Grey
    """(h, w) uint8 grey levels."""
    after: Grey | None
    """(28, 28) uint8, 255 ink; None if the image is blank."""


def pair(name: str, grey: Grey) -> Pair:
    """Canonicalize one image of (h, w) uint8 grey levels."""
    try:
        return Pair(name, grey, canonicalize(find_ink(grey)))
    except BlankDrawing:
        return Pair(name, grey, None)


def draw(pairs: list[Pair]) -> Grey:
    """Lay out pairs in rows, the image on the left, the canonical digit on the right; a blank one stays grey.

    Args:
        pairs: at least one.

    Returns:
        (h, w) uint8 grey levels.
    """
    cells = [_cell(each) for each in pairs]
    cells += [np.full_like(cells[0], PAPER)] * (-len(cells) % min(ACROSS, len(cells)))
    across = min(ACROSS, len(cells))
    return np.vstack([np.hstack(cells[start : start + across]) for start in range(0, len(cells), across)])


def _cell(pair: Pair) -> Grey:
    cell = np.full((TILE + CAPTION + GAP, 2 * TILE + 2 * GAP), PAPER, np.uint8)
    cell[:TILE, : 2 * TILE] = SHADE
    height, width = pair.before.shape
    scale = TILE / max(height, width)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    before = cv2.resize(pair.before, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    cell[: size[1], : size[0]] = before
    if pair.after is not None:
        cell[:TILE, TILE : 2 * TILE] = 255 - cv2.resize(pair.after, (TILE, TILE), interpolation=cv2.INTER_NEAREST)
    ascii_name = pair.name.encode("ascii", "replace").decode()[-LETTERS:]
    place, font = (2, TILE + CAPTION - 5), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(cell, ascii_name, place, font, 0.4, 0, 1, cv2.LINE_AA)
    return cell
