"""The images of a request -> canonical digits, or pages."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from models.arrays import Digit, Drawing
from models.errors import BlankDrawing, DrawingError, RequestError
from models.layout.page import Page
from models.numbers import strips
from models.numbers.strips import Strip
from models.preprocessing.canonicalize import canonicalize_in_row
from service.images.image import Image
from service.images.pages import Grid, Pages, lay_out

DigitOrError = Digit | BlankDrawing | RequestError
"""A canonical digit, or why an image gave none."""
MAX_STRIP = 512
"""Pixels of a line that is looked at for several digits: some twenty of them. A longer one is left to `/read`."""


@dataclass(slots=True)
class CanonicalDigits:
    """What the images of a request gave.

    Attributes:
        results: for each image, in order.
        drawing: (h, w) uint8, the ink of the first image; None if it was not read or came as raw pixels.
        decode_seconds: time that decoding all images took.
        canonicalize_seconds: time that redrawing them as MNIST does took.
        strips: of the images that may show several digits, by their place, the line to be looked at.
        others: of the images with ink that may be a part of the digit or not, by their place, the other reading.
    """

    results: Sequence[DigitOrError]
    drawing: Drawing | None = None
    decode_seconds: float = 0.0
    canonicalize_seconds: float = 0.0
    strips: dict[int, Strip] = field(default_factory=dict)
    others: dict[int, Digit] = field(default_factory=dict)

    def add_strip(self, image: int, row: Drawing) -> None:
        """Keep the ink of an image that may be several digits, unless it is no line at all."""
        with contextlib.suppress(DrawingError):
            strip = strips.cut(row).strip
            if strip.shape[1] <= MAX_STRIP:
                self.strips[image] = strip

    @property
    def digits(self) -> list[Digit]:
        """Return the digits that can be classified, in order."""
        return [result for result in self.results if not isinstance(result, Exception)]


class Images:
    """Images that are not decoded yet.

    Args:
        images: at least one.

    Attributes:
        light: whether they may be tried quickly, in a few milliseconds, so that an event loop may do it.
        drawn: whether all are drawings whose strokes are known.
    """

    def __init__(self, images: Sequence[Image]) -> None:
        self._images = images
        self.light = len(images) == 1 and images[0].light
        self.drawn = all(image.drawn for image in images)

    def __len__(self) -> int:
        return len(self._images)

    def canonicalize(self, quick: bool = False) -> CanonicalDigits:
        """Decode each image and redraw it as the model was trained to read it.

        Raises:
            TakesLong: it was to be quick.
        """
        results: list[DigitOrError] = []
        canonical = CanonicalDigits(results)
        for n, image in enumerate(self._images):
            began = perf_counter()
            try:
                drawing, row = image.draw(quick)
                if n == 0:
                    canonical.drawing = drawing
                drawn = perf_counter()
                canonical.decode_seconds += drawn - began
                began = drawn
                digit, row, other = canonicalize_in_row(drawing, row, quick)
                if row is not None:
                    canonical.add_strip(n, row)
                if other is not None:
                    canonical.others[n] = other
                results.append(digit)
            except (BlankDrawing, RequestError) as error:
                results.append(error)
            canonical.canonicalize_seconds += perf_counter() - began
        return canonical

    def lay_out(self, grid: Grid | None) -> Pages:
        """Decode each image and find its lines, or the cells of its grid."""
        results: list[Page | RequestError] = []
        pages = Pages(results)
        for image in self._images:
            began = perf_counter()
            try:
                sent = image.load()
                loaded = perf_counter()
                pages.decode_seconds += loaded - began
                began = loaded
                results.append(lay_out(sent, grid))
            except RequestError as error:
                results.append(error)
            pages.layout_seconds += perf_counter() - began
        return pages
