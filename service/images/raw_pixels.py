"""Raw pixels, n x 28 x 28 grey levels: the cheapest way to send many digits."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from models.errors import BlankDrawing, UnusableInput
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.mnist_geometry import SIZE, are_canonical
from models.preprocessing.polarity import find_ink
from service.images.canonical_digits import CanonicalDigits, DigitOrError
from service.images.decode import SentPicture
from service.images.pages import Grid, Pages, lay_out

BYTES = SIZE * SIZE
FEW = 2
"""Number of drawings up to which each is examined alone, which is as fast as all at once."""
MAX_LIGHT = 32
"""Largest number of canonical digits that an event loop classifies, in 1.5 ms."""


class RawPixels:
    """Drawings of 28x28 pixels.

    Args:
        drawings: (n, 28, 28) uint8 grey levels, dark on light or light on dark.

    Attributes:
        light: whether they may be tried quickly, on an event loop: they are few, or canonical already.
        drawn: False, since their strokes are not known.
    """

    drawn = False

    def __init__(self, drawings: NDArray[np.uint8]) -> None:
        self._drawings = drawings
        count = len(drawings)
        self._canonical = are_canonical(drawings).tolist() if count > FEW else [False] * count
        self.light = count <= FEW or (count <= MAX_LIGHT and all(self._canonical))

    def __len__(self) -> int:
        return len(self._drawings)

    def canonicalize(self, quick: bool = False) -> CanonicalDigits:
        """Redraw each drawing as the model was trained to read it, unless it is canonical already.

        Raises:
            TakesLong: it was to be quick.
        """
        began = perf_counter()
        results = [
            drawing if canonical else _redraw(drawing, quick)
            for drawing, canonical in zip(self._drawings, self._canonical, strict=True)
        ]
        return CanonicalDigits(results, canonicalize_seconds=perf_counter() - began)

    def lay_out(self, grid: Grid | None) -> Pages:
        """Find the lines of each drawing, or the cells of its grid."""
        began = perf_counter()
        results = [lay_out(SentPicture(drawing, (1.0, 1.0)), grid) for drawing in self._drawings]
        return Pages(results, layout_seconds=perf_counter() - began)


def parse(body: bytes) -> NDArray[np.uint8]:
    """Read a body of raw pixels.

    Returns:
        (n, 28, 28) uint8.

    Raises:
        UnusableInput: the body is not n x 784 bytes.
    """
    if len(body) % BYTES:
        raise UnusableInput("bad_pixels", f"A raw body must be a multiple of {BYTES} bytes, not {len(body):,}.")
    return np.frombuffer(body, np.uint8).reshape(-1, SIZE, SIZE)


def _redraw(drawing: NDArray[np.uint8], quick: bool) -> DigitOrError:
    try:
        return canonicalize(find_ink(drawing, quick), quick)
    except BlankDrawing as error:
        return error
