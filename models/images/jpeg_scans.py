"""How many scans a JPEG has, each of which passes over all of its pixels."""

from __future__ import annotations

import re
import struct

MAX_SCANS = 100
"""Scans of a JPEG, of which each passes over all pixels. Cameras write 1, progressive encoders some 10."""
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""A marker, even within the data of a scan, where 0xff is followed by 0x00 or a restart (ITU-T T.81, B.1.1)."""
_SCAN, _END = 0xDA, 0xD9
_ALONE = {0x01, 0xD8}
"""Markers without a segment."""


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
