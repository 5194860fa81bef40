"""Decode an encoded image into a drawing of a digit or a picture of a page, within limits that are checked first."""

from __future__ import annotations

from typing import NamedTuple

from models.arrays import Drawing
from models.images import any_format, canvas_png, grey, png_chunks
from models.layout.page import Picture
from models.preprocessing.polarity import find_ink_in_row

PICTURE_SIDE = 2600
"""Pixels of a picture that is to be read as a page: handwriting on a whole sheet is some 25 of them high."""


def decode(data: bytes, max_pixels: int, quick: bool = False) -> Drawing:
    """Decode a PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP or TIFF into ink on paper.

    The border tells which grey is paper.

    Args:
        data: the encoded image.
        max_pixels: larger images are refused before they are decoded.
        quick: give up a photo.

    Returns:
        (h, w) uint8; 0 paper, 255 ink.

    Raises:
        MalformedRequest: the data is in none of the formats, or cut short.
        RequestTooLarge: the image has too many pixels.
        UnusableInput: the image is an animation.
        TakesLong: it was to be quick.
    """
    return decode_in_row(data, max_pixels, quick)[0]


def decode_in_row(data: bytes, max_pixels: int, quick: bool = False) -> tuple[Drawing, Drawing | None]:
    """Do as `decode`, and return beside the digit of a photo the same with those that stand beside it, else None."""
    return find_ink_in_row(grey.decode(data, max_pixels, quick), quick)


class SentPicture(NamedTuple):
    """A picture that is to be read as a page."""

    pixels: Picture
    """Grey levels or RGB, after the EXIF rotation, no side longer than PICTURE_SIDE."""
    scale: tuple[float, float]
    """Pixels of the picture as it was sent for each of these, across and down."""


def decode_picture(data: bytes, max_pixels: int) -> SentPicture:
    """Decode an image as `decode` does, but keep its colours and its paper, and more of its pixels.

    Raises:
        MalformedRequest, RequestTooLarge, UnusableInput: as `decode`.
    """
    if canvas_png.header(data):
        data = png_chunks.without_notes(data)
    with any_format.opened(data, max_pixels, "RGB", PICTURE_SIDE) as opened:
        pixels = any_format.colours(opened, PICTURE_SIDE)
        return SentPicture(pixels, (opened.size[0] / pixels.shape[1], opened.size[1] / pixels.shape[0]))
