"""An encoded image -> a drawing, within limits that are checked before memory is taken."""

from __future__ import annotations

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from models.canonical import Drawing, find_ink
from models.errors import MalformedRequest, RequestTooLarge, UnusableInput

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
ANIMATED = ("PNG", "WEBP", "GIF", "TIFF")
"""Formats whose further images are further frames or pages; a phone's JPEG may carry a thumbnail."""
LONGEST_SIDE = 1024
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
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise _too_many_pixels(width, height, max_pixels)
            if image.format in ANIMATED and getattr(image, "is_animated", False):
                raise UnusableInput("animated_image", "The image has several frames; send one as a still image.")
            if image.format == "JPEG":
                image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            return find_ink(np.asarray(ImageOps.exif_transpose(_grey(_shrink(image)))))
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


def _shrink(image: Image.Image) -> Image.Image:
    """At most LONGEST_SIDE on each side, by averaging whole blocks."""
    factor = math.ceil(max(image.size) / LONGEST_SIDE)
    if factor == 1:
        return image
    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if _has_alpha(image) else "L")
    return image.reduce(factor) if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image


def _has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _grey(image: Image.Image) -> Image.Image:
    """Mode L, 0 black, 255 white."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        return Image.fromarray(_stretch(np.asarray(image)))
    if not _has_alpha(image):
        return image.convert("L")
    grey, alpha = image.convert("RGBA").convert("LA").split()
    visible = np.asarray(alpha, np.float64)
    ink = float((np.asarray(grey) * visible).sum() / max(visible.sum(), 1.0))
    paper = Image.new("L", image.size, 255 if ink < 128 else 0)
    paper.paste(grey, mask=alpha)
    return paper


def _stretch(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """32-bit samples of unknown range -> 0..255."""
    finite = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    return ((finite - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)
