"""One image of a request, not decoded yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from models.arrays import Drawing
from models.errors import RequestError
from service.images import canvas_png
from service.images.decode import decode

LIGHT_PIXELS = 320 * 320
COMPRESSED = {b"zTXt", b"iTXt", b"iCCP"}
"""Chunks of a PNG that may inflate to many times their size."""


class Image(NamedTuple):
    """An image and what reading it costs.

    Attributes:
        draw: reads the image; raises RequestError or BlankDrawing.
        light: whether that takes well under a millisecond, so that an event loop may do it.
    """

    draw: Callable[[], Drawing]
    light: bool


def encoded(data: bytes, max_pixels: int) -> Image:
    """Take an encoded image, whose largest number of pixels is `max_pixels`."""
    return Image(partial(decode, data, max_pixels), is_light(data))


def unreadable(error: RequestError) -> Image:
    """Take an image that cannot be read, for a known reason."""

    def draw() -> Drawing:
        raise error

    return Image(draw, light=True)


def is_light(data: bytes) -> bool:
    """Tell whether an encoded image decodes quickly: a small PNG without compressed notes, unlike a photo."""
    header = canvas_png.header(data)
    if header is None or not header.plain or header.pixels > LIGHT_PIXELS:
        return False
    kinds = canvas_png.chunk_kinds(data)
    return bool(kinds) and not kinds & COMPRESSED
