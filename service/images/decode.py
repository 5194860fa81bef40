"""Decode an encoded image into a drawing, within limits that are checked before memory is allocated."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from models.arrays import Drawing, Grey
from models.errors import MalformedRequest, RequestTooLarge, TakesLong, UnusableInput
from models.preprocessing.polarity import find_ink
from service.images import canvas_png, png_chunks, structure

ORIENTATION = ExifTags.Base.Orientation
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
ANIMATED = ("PNG", "WEBP", "GIF", "TIFF")
"""Formats in which a second image is a frame or a page. In a phone's JPEG it is a thumbnail."""
COPIES = {"WEBP": 3}
"""Formats whose decoder holds more copies of the pixels than other decoders: the pixel limit is divided by these."""
UNREAD = {b"tRNS", b"acTL", b"eXIf"}
"""Chunks of a PNG that change the picture and that OpenCV does not read."""
OPAQUE = 0xFF000000
"""Smallest RGBA pixel with alpha 255, as a little-endian number."""
LONGEST_SIDE = canvas_png.LONGEST_SIDE
"""Pixels. Larger images are averaged down, since a digit needs no more."""


def decode(data: bytes, max_pixels: int, quick: bool = False) -> Drawing:
    """Decode a PNG, JPEG, WebP, GIF, BMP or TIFF into ink on paper.

    The EXIF orientation is applied, transparent images are laid on paper that contrasts with their ink, and colour
    becomes grey. The border tells which grey is paper.

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
    header = canvas_png.header(data)
    if header and header.plain and header.pixels <= max_pixels:
        grey = _decode_plain_png(data, header)
        if grey is not None:
            return find_ink(grey, quick)
    if quick:
        raise TakesLong
    return _decode_any(png_chunks.without_notes(data) if header else data, max_pixels)


def _decode_plain_png(data: bytes, header: canvas_png.Header) -> Grey | None:
    """Decode a plain PNG many times as fast as `_decode_any`; None if the PNG must be left to that."""
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
    grey: Grey = cv2.cvtColor(pixels, four_channels if pixels.shape[2] == 4 else three_channels)
    if pixels.shape[2] == 3 or pixels.view("<u4").min() >= OPAQUE:
        return grey
    alpha: NDArray[np.uint8] = cv2.extractChannel(pixels, 3)
    return _on_paper(grey, alpha)


def _decode_any(data: bytes, max_pixels: int) -> Drawing:
    """Decode any of FORMATS with Pillow."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            most = max_pixels // COPIES.get(image.format or "", 1)
            if image.width * image.height > most:
                raise _too_many_pixels(image.width, image.height, most)
            if image.format in ANIMATED and getattr(image, "is_animated", False):
                raise UnusableInput("animated_image", "The image has several frames; send one as a still image.")
            structure.check(image, data)
            if image.format == "JPEG":
                image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
            return find_ink(_upright(_load_grey(image), image.getexif().get(ORIENTATION, 1)))
    except (MalformedRequest, MemoryError, RequestTooLarge, UnusableInput):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RequestTooLarge("too_many_pixels", f"The image has over {max_pixels:,} pixels; scale it down.") from None
    except Exception as error:  # Pillow's decoders raise errors of many kinds for broken files
        raise MalformedRequest(
            "undecodable_image",
            "The bytes are no complete PNG, JPEG, WebP, GIF, BMP or TIFF; send the file as it is on disk.",
        ) from error


def _too_many_pixels(width: int, height: int, max_pixels: int) -> RequestTooLarge:
    return RequestTooLarge(
        "too_many_pixels", f"The image is {width:,} x {height:,} pixels; scale it down to {max_pixels:,} or fewer."
    )


def _load_grey(image: Image.Image) -> Grey:
    """Convert an image of any mode to (h, w) uint8 grey levels with sides of at most LONGEST_SIDE."""
    factor = math.ceil(max(image.size) / LONGEST_SIDE)
    if image.mode in ("I", "F"):
        return _stretch(np.asarray(image.reduce(factor)))
    if image.mode.startswith("I;16"):
        return _reduce(Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)), factor)
    if not image.has_transparency_data:
        return _reduce(image.convert("L"), factor)
    if "transparency" in image.info:
        image = image.convert("RGBA")
    return _on_paper(_reduce(image.convert("L"), factor), _reduce(image.getchannel("A"), factor))


def _reduce(image: Image.Image, factor: int) -> Grey:
    """Average each block of factor x factor pixels."""
    return np.asarray(image.reduce(factor) if factor > 1 else image)


def _on_paper(grey: Grey, alpha: NDArray[np.uint8]) -> Grey:
    """Lay an image on white paper, or on black if what is visible is light, as on many canvases."""
    left, top, width, height = cv2.boundingRect(alpha)
    visible = slice(top, top + height), slice(left, left + width)
    opacity = alpha[visible] / np.float32(255)
    ink = (grey[visible] * opacity).sum() / max(opacity.sum(), 1)
    paper = 255 if ink < 128 else 0
    laid = np.full_like(grey, paper)
    laid[visible] = np.rint(paper + (grey[visible] - np.float32(paper)) * opacity)
    return laid


def _stretch(values: NDArray[np.generic]) -> Grey:
    """Scale 32-bit samples of unknown range to 0..255."""
    finite = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    return ((finite - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)


def _upright(grey: Grey, orientation: int) -> Grey:
    """Turn and mirror an image as its EXIF orientation, 1 to 8, says."""
    if orientation in (5, 6, 7, 8):
        grey = grey.T
    if orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    if orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    return np.ascontiguousarray(grey)
