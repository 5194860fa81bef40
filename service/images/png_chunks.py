"""The chunks of a PNG (PNG specification, section 5.3): a length, a kind, data and a checksum each."""

from __future__ import annotations

import struct
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 64
"""Chunks of a plain PNG, at most."""
HARMLESS = {b"IHDR", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"pHYs", b"tIME", b"tEXt"}
"""Chunks that cost nothing and change nothing that is read."""
CHANGING = {b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"eXIf"}
"""Chunks that change what a PNG shows."""


def chunk_kinds(data: bytes) -> set[bytes]:
    """List the kinds of chunks of a PNG, up to MAX_CHUNKS of them.

    Returns:
        Nothing if a chunk does not lie within the data (OpenCV allocates as much memory as a chunk claims to be long),
        or if there are too many.
    """
    kinds: set[bytes] = set()
    for count, (kind, _, end) in enumerate(_chunks(data)):
        kinds.add(kind)
        if count >= MAX_CHUNKS or end > len(data):
            break
        if kind == b"IEND":
            return kinds
    return set()


def without_notes(data: bytes) -> bytes:
    """Leave out chunks that are no part of the picture: 58 KB of compressed notes inflate to 55 MB."""
    kept = [data[start:end] for kind, start, end in _chunks(data) if kind in HARMLESS or kind in CHANGING]
    whole = SIGNATURE + b"".join(kept)
    return data if len(whole) == len(data) else whole


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's kind, start and end, up to IEND; the last may end beyond the data."""
    at, kind = len(SIGNATURE), b""
    while at + 12 <= len(data) and kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at, at + 12 + length
        at += 12 + length
