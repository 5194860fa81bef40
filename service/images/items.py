"""The images of a request -> canonical digits, and the time that it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from models.errors import BlankDrawing, RequestError
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.mnist_geometry import Digit
from service.images import raw_pixels
from service.images.image import Source

Item = Digit | BlankDrawing | RequestError
"""One image of a request: a canonical digit, or why it is none."""


@dataclass(slots=True)
class Timing:
    """Seconds that reading a request's images took."""

    decode: float = 0.0
    canonicalize: float = 0.0


def draw(sources: Sequence[Source], timing: Timing) -> Sequence[Item]:
    """Decode each image and redraw it as the model was trained to read it."""
    return [_draw(source, timing) for source in sources]


def redraw(drawings: NDArray[np.uint8], timing: Timing) -> Sequence[Item]:
    """Redraw (n, 28, 28) grey levels as the model was trained to read them."""
    began = perf_counter()
    items = raw_pixels.digits(drawings)
    timing.canonicalize += perf_counter() - began
    return items


def _draw(source: Source, timing: Timing) -> Item:
    began = perf_counter()
    try:
        drawing = source.draw()
    except (BlankDrawing, RequestError) as error:
        return error
    drawn = perf_counter()
    timing.decode += drawn - began
    try:
        return canonicalize(drawing)
    except BlankDrawing as error:
        return error
    finally:
        timing.canonicalize += perf_counter() - drawn
