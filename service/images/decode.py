"""An encoded image -> a drawing, within limits that are checked before memory is taken."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from models.arrays import Drawing
from models.errors import MalformedRequest, RequestTooLarge, UnusableInput
from models.preprocessing.polarity import find_ink
from service.images import canvas_png

ORIENTATION = ExifTags.Base.Orientation
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
ANIMATED = ("PNG", "WEBP", "GIF", "TIFF")
"""Formats whose further images are further frames or pages; a phone's JPEG may carry a thumbnail."""
COPIES = {"WEBP": 3}
"""Formats whose decoder holds more copies of the pixels than the others' do: so many times fewer are allowed."""
OPAQUE = 0xFF000000
"""The least that a pixel whose fourth byte is 255 can be as a little-endian number."""
LONGEST_SIDE = canvas_png.LONGEST_SIDE
"""Pixels; a larger image is averaged down, since a digit needs no more."""


def decode(data: bytes, max_pixels: int) -> Drawing:
    """Read a PNG, JPEG, WebP, GIF, BMP or TIFF as ink on paper.

    The EXIF rotation is applied, alpha is laid on paper that contrasts with the ink, colour becomes grey, and the
    border says which grey is paper.

    Args:
        data: the encoded image.
        max_pixels: more than these are refused before they are decoded.

    Returns:
        (h, w) uint8; 0 paper, 255 ink.

    Raises:
        MalformedRequest: not one of the formats, or cut short.
        RequestTooLarge: too many pixels.
        UnusableInput: an animation.
    """
    header = canvas_png.header(data)
    if header and header.plain and header.pixels <= max_pixels:
        grey = _decode_plain_png(data, header)
        if grey is not None:
            return find_ink(grey)
    return _decode_any(data, max_pixels)


def _decode_plain_png(data: bytes, header: canvas_png.Header) -> NDArray[np.uint8] | None:
    """A plain PNG as grey levels, many times as fast as `_decode_any`; None leaves the PNG to it."""
    canvas = canvas_png.decode_canvas(data, header)
    if canvas is not None:
        return canvas if canvas.ndim == 2 else _grey_of(canvas, cv2.COLOR_RGB2GRAY, cv2.COLOR_RGBA2GRAY)
    if b"tRNS" in data or b"acTL" in data or b"eXIf" in data or not canvas_png.is_whole(data):
        return None
    pixels: NDArray[np.uint8] | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim == 2:
        return pixels
    return _grey_of(pixels, cv2.COLOR_BGR2GRAY, cv2.COLOR_BGRA2GRAY)


def _grey_of(pixels: NDArray[np.uint8], opaque: int, transparent: int) -> NDArray[np.uint8]:
    """Three or four channels -> grey levels, by OpenCV's conversion for either."""
    grey: NDArray[np.uint8] = cv2.cvtColor(pixels, transparent if pixels.shape[2] == 4 else opaque)
    if pixels.shape[2] == 3 or pixels.view("<u4").min() >= OPAQUE:
        return grey
    alpha: NDArray[np.uint8] = cv2.extractChannel(pixels, 3)
    return _on_paper(grey, alpha)


def _decode_any(data: bytes, max_pixels: int) -> Drawing:
    """Whatever Pillow reads."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            most = max_pixels // COPIES.get(image.format or "", 1)
            if image.width * image.height > most:
                raise _too_many_pixels(image.width, image.height, most)
            if image.format in ANIMATED and getattr(image, "is_animated", False):
                raise UnusableInput("animated_image", "The image has several frames; send one as a still image.")
            if image.format == "JPEG":
                image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
            return find_ink(_upright(_grey(image), image.getexif().get(ORIENTATION, 1)))
    except (MalformedRequest, RequestTooLarge, UnusableInput):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RequestTooLarge("too_many_pixels", f"The image has over {max_pixels:,} pixels; scale it down.") from None
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them stumble over
        raise MalformedRequest(
            "undecodable_image",
            "The bytes are no complete PNG, JPEG, WebP, GIF, BMP or TIFF; send the file as it is on disk.",
        ) from error


def _too_many_pixels(width: int, height: int, max_pixels: int) -> RequestTooLarge:
    return RequestTooLarge(
        "too_many_pixels", f"The image is {width:,} x {height:,} pixels; scale it down to {max_pixels:,} or fewer."
    )


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    """(h, w) uint8, 0 black, 255 white, at most LONGEST_SIDE on each side."""
    factor = math.ceil(max(image.size) / LONGEST_SIDE)
    if image.mode in ("I", "F"):
        return _stretch(np.asarray(image.reduce(factor)))
    if image.mode.startswith("I;16"):
        return _reduced(Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)), factor)
    if not image.has_transparency_data:
        return _reduced(image.convert("L"), factor)
    if "transparency" in image.info:
        image = image.convert("RGBA")
    return _on_paper(_reduced(image.convert("L"), factor), _reduced(image.getchannel("A"), factor))


def _reduced(image: Image.Image, factor: int) -> NDArray[np.uint8]:
    """The average of each block of factor x factor pixels."""
    return np.asarray(image.reduce(factor) if factor > 1 else image)


def _on_paper(grey: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Laid on white, or on black if what is visible is light: a canvas's ink is often white on nothing."""
    opacity = alpha / np.float32(255)
    ink = (grey * opacity).sum() / max(opacity.sum(), 1)
    paper = 255 if ink < 128 else 0
    return np.rint(paper + (grey - np.float32(paper)) * opacity).astype(np.uint8)


def _stretch(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """32-bit samples of unknown range -> 0..255."""
    finite = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    return ((finite - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)


def _upright(grey: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turned and mirrored as the EXIF orientation, 1 to 8, says."""
    if orientation in (5, 6, 7, 8):
        grey = grey.T
    if orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    if orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    return np.ascontiguousarray(grey)
