"""Decode pictures of handwriting as the service does, within the same limits on bytes, pixels and parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import DrawingError, MalformedRequest, RequestError
from models.images import grey

SUFFIXES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".webp",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".heic",
    ".heif",
    ".avif",
)
"""In lower case. The content decides the format, whatever the suffix says."""
RESOURCE = "._"
"""Begins the names of what a Mac keeps beside a file on other file systems."""
MAX_BYTES = 16 << 20
MAX_PIXELS = 12 << 20
SMALLEST_SIDE = 2
"""Pixels; smaller pictures hold no digit."""


def is_one(name: str) -> bool:
    """Tell whether a file is a picture, by its name."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(RESOURCE)


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
    """Decode an image to (h, w) uint8 grey levels by the service's own decoder.

    Raises:
        DrawingError: the bytes are not a readable image within the limits.
    """
    if len(encoded) > MAX_BYTES:
        raise DrawingError(f"over {MAX_BYTES >> 20} MiB; scale the picture down")
    try:
        levels = grey.decode(encoded, MAX_PIXELS)
    except MalformedRequest as error:
        raise DrawingError(f"not an image that can be read ({error})") from error
    except RequestError as error:
        raise DrawingError(str(error)) from error
    height, width = levels.shape
    if min(height, width) < SMALLEST_SIDE:
        raise DrawingError(f"{width:,} x {height:,} pixels, too small for a digit")
    return levels
