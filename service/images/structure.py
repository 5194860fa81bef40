"""The parts of an encoded image, counted before it is decoded: they cost time that its bytes and pixels do not show."""

from __future__ import annotations

import re
import struct

from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import STRIPOFFSETS, TILEOFFSETS, TiffImageFile

from models.errors import RequestTooLarge

MAX_SCANS = 100
"""Scans of a JPEG, of which each passes over all pixels. Cameras write 1, progressive encoders some 10."""
MAX_TILES = 16_384
"""Strips or tiles of a TIFF, at most. One row a strip is usual."""
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""A marker, even within the data of a scan, where 0xff is followed by 0x00 or a restart (ITU-T T.81, B.1.1)."""
_SCAN, _END = 0xDA, 0xD9
_ALONE = {0x01, 0xD8}
"""Markers without a segment."""


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


def count_scans(data: bytes) -> int:
    """Count the scans of a JPEG, up to one more than MAX_SCANS."""
    at = scans = 0
    while scans <= MAX_SCANS and (found := _MARKER.search(data, at)):
        kind, at = data[found.end() - 1], found.end()
        if kind == _END:
            break
        if kind not in _ALONE:
            scans += kind == _SCAN
            at += max(struct.unpack(">H", data[at : at + 2].ljust(2, b"\0"))[0], 2)
    return scans
