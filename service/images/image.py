"""One image of a request, not decoded yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from models.arrays import Drawing
from service.images import canvas_png
from service.images.decode import decode

LIGHT_PIXELS = 320 * 320


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


def is_light(start: bytes) -> bool:
    """Tell from the first bytes of an image whether it decodes quickly: a PNG of a canvas's size, unlike a photo."""
    header = canvas_png.header(start)
    return header is not None and header.plain and header.pixels <= LIGHT_PIXELS
