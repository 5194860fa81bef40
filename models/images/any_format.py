"""Open encoded images with Pillow, within limits that are checked before memory is allocated."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from models.arrays import Grey
from models.errors import MalformedRequest, RequestTooLarge, UnusableInput
from models.images import iso_media, luminance, sample_depth, structure

ORIENTATION = ExifTags.Base.Orientation
TURNED = (5, 6, 7, 8)
"""Orientations that exchange width and height."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""Formats that are read, beside those of `iso_media`."""
ANIMATED = ("PNG", "WEBP", "GIF", "TIFF", "AVIF")
"""Formats in which a second image is a frame or a page. In a phone's JPEG it is a thumbnail, in HEIC another view."""
COPIES = {"WEBP": 3}
"""Formats whose decoder holds more copies of the pixels than other decoders: the pixel limit is divided by these."""


class Opened(NamedTuple):
    """A loaded image.

    Attributes:
        image: perhaps of a fraction of its size.
        orientation: of EXIF, 1 to 8.
        size: width and height of the image as it was sent, after its EXIF rotation.
    """

    image: Image.Image
    orientation: int
    size: tuple[int, int]


@contextlib.contextmanager
def opened(data: bytes, max_pixels: int, mode: str, longest_side: int) -> Iterator[Opened]:
    """Load an image of any of FORMATS, or a HEIC or AVIF.

    Args:
        data: the encoded image.
        max_pixels: larger images are refused before they are decoded.
        mode: Pillow's, in which a JPEG is to be decoded if it can be.
        longest_side: pixels; a JPEG that is many times as large is decoded at a fraction of its size.

    Raises:
        MalformedRequest: the data is in none of the formats, or cut short; or the code with the image failed.
        RequestTooLarge: the image has too many pixels or parts.
        UnusableInput: the image is an animation.
    """
    try:
        phone = iso_media.picture_format(data)
        with Image.open(io.BytesIO(data), formats=(phone,) if phone else FORMATS) as image:
            most = max_pixels // COPIES.get(image.format or "", 1)
            if image.width * image.height > most:
                raise _too_many_pixels(image.width, image.height, most)
            if image.format in ANIMATED and getattr(image, "is_animated", False):
                raise UnusableInput("animated_image", "The image has several frames; send one as a still image.")
            structure.check(image, data)
            width, height = image.size
            if image.format == "JPEG":
                image.draft(mode, (longest_side, longest_side))
            image.load()
            loaded = sample_depth.decode_dark(image, data, max_pixels)
            orientation = image.getexif().get(ORIENTATION, 1)
            yield Opened(loaded, orientation, (height, width) if orientation in TURNED else (width, height))
    except (MalformedRequest, MemoryError, RequestTooLarge, UnusableInput):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RequestTooLarge("too_many_pixels", f"The image has over {max_pixels:,} pixels; scale it down.") from None
    except Exception as error:  # Pillow's decoders raise errors of many kinds for broken files
        raise MalformedRequest("undecodable_image", _complaint(data)) from error


def grey_levels(opened: Opened, longest_side: int) -> Grey:
    """Convert an image of any mode to (h, w) uint8 grey levels, upright, with sides of at most `longest_side`."""
    return _upright(_grey_levels(opened.image, longest_side), opened.orientation)


def colours(opened: Opened, longest_side: int) -> NDArray[np.uint8]:
    """Convert an image as `grey_levels` does, but one of opaque colours to (h, w, 3) uint8 RGB."""
    image = opened.image
    if image.has_transparency_data or image.mode in ("1", "L", "I", "F") or image.mode.startswith("I;16"):
        return grey_levels(opened, longest_side)
    return _upright(_reduced(image.convert("RGB"), _factor(image, longest_side)), opened.orientation)


def on_paper(grey: Grey, alpha: NDArray[np.uint8]) -> Grey:
    """Lay an image on white paper, or on black if what is visible is light, as on many canvases.

    Where nothing at all is visible, the fourth channel is taken for unused, as it is in many BMPs.
    """
    if not alpha.any():
        return grey
    left, top, width, height = cv2.boundingRect(alpha)
    visible = slice(top, top + height), slice(left, left + width)
    opacity = alpha[visible] / np.float32(255)
    ink = (grey[visible] * opacity).sum() / max(opacity.sum(), 1)
    paper = 255 if ink < 128 else 0
    laid = np.full_like(grey, paper)
    laid[visible] = np.rint(paper + (grey[visible] - np.float32(paper)) * opacity)
    return laid


def _complaint(data: bytes) -> str:
    """Say what the bytes are that no decoder reads, and what to do."""
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf"):
        return "The file is a PDF; export its page as a PNG."
    if start.startswith(b"<") and b"<svg" in start:
        return "The file is an SVG, which holds no pixels; export it as a PNG."
    return (
        "The bytes are no complete PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP or TIFF; send the file as it is on disk, "
        "or save the picture as a JPEG."
    )


def _too_many_pixels(width: int, height: int, max_pixels: int) -> RequestTooLarge:
    return RequestTooLarge(
        "too_many_pixels", f"The image is {width:,} x {height:,} pixels; scale it down to {max_pixels:,} or fewer."
    )


def _grey_levels(image: Image.Image, longest_side: int) -> Grey:
    factor = _factor(image, longest_side)
    if image.mode in ("I", "F"):
        return _stretched(np.asarray(image.reduce(factor)))
    if image.mode.startswith("I;16"):
        return _reduced(Image.fromarray(sample_depth.to_bytes(np.asarray(image))), factor)
    if not image.has_transparency_data:
        return _reduced(image, factor) if image.mode == "L" else _luminance(image, factor)
    image = image.convert("RGBA")
    return on_paper(_luminance(image, factor), _reduced(image.getchannel("A"), factor))


def _luminance(image: Image.Image, factor: int) -> Grey:
    return luminance.grey_levels(_reduced(image.convert("RGB"), factor), cv2.COLOR_RGB2GRAY)


def _factor(image: Image.Image, longest_side: int) -> int:
    return math.ceil(max(image.size) / longest_side)


def _reduced(image: Image.Image, factor: int) -> NDArray[np.uint8]:
    """Average each block of factor x factor pixels."""
    return np.asarray(image.reduce(factor) if factor > 1 else image)


def _stretched(values: NDArray[np.generic]) -> Grey:
    """Scale 32-bit samples of unknown range to 0..255."""
    finite = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    return ((finite - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror pixels as an EXIF orientation says."""
    if orientation in TURNED:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
