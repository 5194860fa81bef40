"""Decode pictures of handwriting into grey levels, within limits on bytes, pixels and scans."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from models.errors import DrawingError
from models.preprocessing.jpeg_scans import MAX_SCANS, count_scans

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""As the service reads them, whatever the suffix says; other decoders run programs or are rarely tested."""
MAX_BYTES = 16 << 20
MAX_PIXELS = 12 << 20
START_OF_JPEG = b"\xff\xd8"
SMALLEST_SIDE, LONGEST_SIDE = 2, 1024
"""Pixels. Smaller pictures hold no digit; larger ones are averaged down, since a digit needs no more."""


def read(path: Path) -> NDArray[np.uint8]:
    """Decode an image file as `grey_levels` does.

    Raises:
        DrawingError: it is no regular file, or is not a readable image within the limits.
        OSError: it cannot be read.
    """
    if path.exists() and not path.is_file():  # opening a pipe would wait for ever
        raise DrawingError("not a file")
    with path.open("rb") as file:
        return grey_levels(file.read(MAX_BYTES + 1))


def grey_levels(encoded: bytes) -> NDArray[np.uint8]:
    """Decode an image to (h, w) uint8 grey levels, upright, on white where it is transparent.

    Raises:
        DrawingError: the bytes are not a readable image within the limits.
    """
    if len(encoded) > MAX_BYTES:
        raise DrawingError(f"over {MAX_BYTES >> 20} MiB; scale the picture down")
    if encoded.startswith(START_OF_JPEG) and count_scans(encoded) > MAX_SCANS:
        raise DrawingError(f"a JPEG of over {MAX_SCANS} scans; save it anew")
    try:
        with Image.open(io.BytesIO(encoded), formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                raise DrawingError(f"{width:,} x {height:,} pixels; scale it down to {MAX_PIXELS:,} or fewer")
            if min(width, height) < SMALLEST_SIDE:
                raise DrawingError(f"{width:,} x {height:,} pixels, too small for a digit")
            if opened.format == "JPEG":
                opened.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            image = ImageOps.exif_transpose(opened)
            if "A" in image.getbands() or "transparency" in image.info:
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
            grey = image.convert("L")
            factor = math.ceil(max(grey.size) / LONGEST_SIDE)
            return np.asarray(grey.reduce((min(factor, grey.width), min(factor, grey.height))) if factor > 1 else grey)
    except DrawingError:
        raise
    except UnidentifiedImageError:
        raise DrawingError("not an image that can be read") from None
    except Exception as error:  # Pillow's decoders raise errors of many kinds for broken files
        raise DrawingError(f"not an image that can be read ({error})") from error
