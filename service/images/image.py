"""One image of a request, before anything of it is decoded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from models.preprocessing.polarity import Drawing
from service.images import canvas_png
from service.images.decode import decode

LIGHT_PIXELS = 320 * 320


class Source(NamedTuple):
    """How to make a drawing, and whether that is quick.

    Attributes:
        draw: makes the drawing, or raises RequestError or BlankDrawing.
        light: it takes well under a millisecond, so that an event loop may do it.
    """

    draw: Callable[[], Drawing]
    light: bool


def encoded(data: bytes, max_pixels: int) -> Source:
    """An encoded image."""
    return Source(partial(decode, data, max_pixels), is_light(data))


def is_light(start: bytes) -> bool:
    """Whether an encoded image that begins so is quickly decoded: a PNG of a canvas's size, unlike a photo."""
    header = canvas_png.header(start)
    return header is not None and header.plain and header.pixels <= LIGHT_PIXELS
