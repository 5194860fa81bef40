"""One image of a request, not decoded yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, NoReturn

from models.arrays import Drawing
from models.errors import RequestError
from models.images import canvas_png, png_chunks
from service.images.decode import SentPicture, decode_in_row, decode_picture
from service.images.pages import Strokes

LIGHT_PIXELS = 320 * 320
LIGHT_BYTES = 1 << 16
"""Bytes of an image that is read quickly, at most."""


class Image(NamedTuple):
    """An image and what reading it may cost.

    Attributes:
        draw: reads the image, quickly if called with True: the ink of its digit, and of a photo the same with the
            digits that stand beside it, else None; raises RequestError, BlankDrawing or, if it was to be quick,
            TakesLong.
        light: whether it may be tried quickly, in a few milliseconds at most, as on an event loop.
        load: reads the image as a page of numbers, of which nothing is left out; raises RequestError.
        drawn: whether it is a drawing whose strokes are known, so that nothing need be decoded.
    """

    draw: Callable[[bool], tuple[Drawing, Drawing | None]]
    light: bool
    load: Callable[[], SentPicture | Strokes]
    drawn: bool = False


def encoded(data: bytes, max_pixels: int) -> Image:
    """Take an encoded image, whose largest number of pixels is `max_pixels`."""
    return Image(partial(decode_in_row, data, max_pixels), is_light(data), partial(decode_picture, data, max_pixels))


def unreadable(error: RequestError) -> Image:
    """Take an image that cannot be read, for a known reason."""

    def fail(*_: object) -> NoReturn:
        raise error

    return Image(fail, light=True, load=fail)


def is_light(data: bytes) -> bool:
    """Tell whether an encoded image decodes quickly: a small, plain PNG."""
    header = canvas_png.header(data)
    if header is None or not header.plain or header.pixels > LIGHT_PIXELS or len(data) > LIGHT_BYTES:
        return False
    kinds = png_chunks.chunk_kinds(data)
    return bool(kinds) and kinds <= png_chunks.HARMLESS
