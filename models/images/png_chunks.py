"""The chunks of a PNG (PNG specification, section 5.3): a length, a kind, data and a checksum each."""

from __future__ import annotations

import struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 64
"""Chunks of a plain PNG, at most."""
HARMLESS = {b"IHDR", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"pHYs", b"tIME", b"tEXt"}
"""Chunks that cost nothing and change nothing that is read."""
_HEAD = struct.Struct(">I4s").unpack_from
CHANGING = {b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"eXIf"}
"""Chunks that change what a PNG shows."""


def chunk_kinds(data: bytes) -> set[bytes]:
    """List the kinds of chunks of a PNG, up to MAX_CHUNKS of them.

    Returns:
        Nothing if a chunk does not lie within the data (OpenCV allocates as much memory as a chunk claims to be long),
        or if there are too many.
    """
    at, kinds = len(SIGNATURE), set()
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            break
        length, kind = _HEAD(data, at)
        kinds.add(kind)
        at += 12 + length
        if kind == b"IEND":
            return kinds if at <= len(data) else set()
    return set()


def without_notes(data: bytes) -> bytes:
    """Leave out chunks that are no part of the picture: 58 KB of compressed notes inflate to 55 MB."""
    at, kind = len(SIGNATURE), b""
    kept = [SIGNATURE]
    while at + 12 <= len(data) and kind != b"IEND":
        length, kind = _HEAD(data, at)
        if kind in HARMLESS or kind in CHANGING:
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)
