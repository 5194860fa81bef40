"""The parts of an encoded image, counted before it is decoded: they cost time that its bytes and pixels do not show."""

from __future__ import annotations

from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import STRIPOFFSETS, TILEOFFSETS, TiffImageFile

from models.errors import RequestTooLarge
from models.images.jpeg_scans import MAX_SCANS, count_scans

MAX_TILES = 16_384
"""Strips or tiles of a TIFF, at most. One row a strip is usual."""


def check(image: ImageFile, data: bytes) -> None:
    """Check how many parts an image has.

    Args:
        image: opened, not loaded.
        data: its file.

    Raises:
        RequestTooLarge: there are too many.
    """
    if image.format == "JPEG" and count_scans(data) > MAX_SCANS:
        raise RequestTooLarge("too_costly", f"The JPEG has over {MAX_SCANS} scans; save it again, as baseline.")
    if isinstance(image, TiffImageFile):
        offsets = (image.tag_v2.get(tag, ()) for tag in (STRIPOFFSETS, TILEOFFSETS))
        if max(map(len, offsets)) > MAX_TILES:
            raise RequestTooLarge("too_costly", f"The TIFF has over {MAX_TILES:,} tiles or strips; save it with fewer.")
