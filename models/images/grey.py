"""Decode an encoded image into grey levels, within limits that are checked first."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Grey
from models.errors import TakesLong
from models.images import any_format, canvas_png, luminance, png_chunks

UNREAD = {b"tRNS", b"acTL", b"eXIf"}
"""Chunks of a PNG that change the picture and that OpenCV does not read."""
OPAQUE = 0xFF000000
"""Smallest RGBA pixel with alpha 255, as a little-endian number."""
LONGEST_SIDE = canvas_png.LONGEST_SIDE
"""Pixels. Larger images are averaged down, since a digit needs no more."""


def decode(data: bytes, max_pixels: int, quick: bool = False) -> Grey:
    """Decode a PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP or TIFF.

    The EXIF orientation is applied, transparent images are laid on paper that contrasts with their ink, and colours
    become the grey levels that show the ink.

    Args:
        data: the encoded image.
        max_pixels: larger images are refused before they are decoded.
        quick: give up all but small, plain PNGs.

    Returns:
        (h, w) uint8, of sides of at most LONGEST_SIDE.

    Raises:
        MalformedRequest: the data is in none of the formats, or cut short.
        RequestTooLarge: the image has too many pixels.
        UnusableInput: the image is an animation.
        TakesLong: it was to be quick.
    """
    header = canvas_png.header(data)
    if header and header.plain and header.pixels <= max_pixels:
        grey = _decode_plain_png(data, header)
        if grey is not None:
            return grey
    if quick:
        raise TakesLong
    data = png_chunks.without_notes(data) if header else data
    with any_format.opened(data, max_pixels, "RGB", LONGEST_SIDE) as opened:
        return any_format.grey_levels(opened, LONGEST_SIDE)


def _decode_plain_png(data: bytes, header: canvas_png.Header) -> Grey | None:
    """Decode a plain PNG many times as fast as `any_format` does; None if the PNG must be left to that."""
    canvas = canvas_png.decode_canvas(data, header)
    if canvas is not None:
        return canvas if canvas.ndim == 2 else _to_grey(canvas, cv2.COLOR_RGB2GRAY, cv2.COLOR_RGBA2GRAY)
    kinds = png_chunks.chunk_kinds(data)
    if not kinds or kinds & UNREAD:
        return None
    if not kinds <= png_chunks.HARMLESS:
        data = png_chunks.without_notes(data)
    pixels: NDArray[np.uint8] | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim == 2:
        return pixels
    return _to_grey(pixels, cv2.COLOR_BGR2GRAY, cv2.COLOR_BGRA2GRAY)


def _to_grey(pixels: NDArray[np.uint8], three_channels: int, four_channels: int) -> Grey:
    """Convert three or four channels to grey levels, by OpenCV's conversion for either number."""
    grey = luminance.grey_levels(pixels, four_channels if pixels.shape[2] == 4 else three_channels)
    if pixels.shape[2] == 3 or pixels.view("<u4").min() >= OPAQUE:
        return grey
    alpha: NDArray[np.uint8] = cv2.extractChannel(pixels, 3)
    return any_format.on_paper(grey, alpha)
