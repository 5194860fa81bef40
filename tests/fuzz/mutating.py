"""Changes below what would hide them: in a PNG's chunks with the checksums right, in its pixels before they are
deflated, in an image that a document holds as base64.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Callable
from random import Random

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ENCODED = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")
KINDS = (b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"eXIf", b"gAMA", b"iCCP", b"sBIT", b"IDAT", b"IEND")
LARGEST = 1 << 22
"""Bytes that a PNG's pixels are inflated to, to be changed."""

Mutate = Callable[[bytes, int], bytes]
"""libFuzzer's own: bytes of any kind and how many they may become -> others."""
Chunk = tuple[bytes, bytes]
"""Kind and data."""


def mutated(data: bytes, most: int, random: Random, mutate: Mutate) -> bytes:
    """The bytes, changed.

    Args:
        data: what was read.
        most: bytes that they may become.
        random: chooses where.
        mutate: changes what lies there.
    """
    changed = b""
    if data.startswith(SIGNATURE) and random.random() < 0.8:
        changed = _of_png(data, most, random, mutate)
    elif data.startswith(b"{") and random.random() < 0.5:
        changed = _of_document(data, most, random, mutate)
    return changed if 0 < len(changed) <= most else mutate(data, most)


def _of_png(data: bytes, most: int, random: Random, mutate: Mutate) -> bytes:
    chunks = _chunks(data)
    if not chunks:
        return b""
    at = random.randrange(len(chunks))
    kind, content = chunks[at]
    way = random.random()
    if way < 0.1:
        del chunks[at]
    elif way < 0.2:
        chunks.insert(random.randrange(len(chunks) + 1), (random.choice(KINDS), content))
    elif kind == b"IDAT" and way < 0.7:
        chunks[at] = kind, zlib.compress(mutate(_inflated(content), LARGEST), 1)
    else:
        chunks[at] = kind, mutate(content, most)
    return SIGNATURE + b"".join(_written(*chunk) for chunk in chunks)


def _chunks(data: bytes) -> list[Chunk]:
    found, at = [], len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += length + 12
    return found


def _written(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, LARGEST)
    except zlib.error:
        return content


def _of_document(data: bytes, most: int, random: Random, mutate: Mutate) -> bytes:
    places = list(ENCODED.finditer(data))
    if not places:
        return b""
    place = random.choice(places)
    try:
        image = base64.b64decode(place[0], validate=True)
    except binascii.Error:
        return b""
    image = mutated(image, most, random, mutate)
    return data[: place.start()] + base64.b64encode(image) + data[place.end() :]
