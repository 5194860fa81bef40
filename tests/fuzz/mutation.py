"""Mutate inputs below their encoding: the chunks of a PNG with valid checksums, its pixels before they are deflated, and
images that JSON contains as base64.
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
MAX_INFLATED = 1 << 22
"""Bytes that are inflated of a PNG's pixels."""

Mutate = Callable[[bytes, int], bytes]
"""libFuzzer's mutation: bytes and the length limit -> mutated bytes."""
Chunk = tuple[bytes, bytes]
"""Kind and data."""


def mutate(data: bytes, most: int, random: Random, mutate_bytes: Mutate) -> bytes:
    """Mutate an input.

    Args:
        data: the input.
        most: length limit of the result, in bytes.
        random: chooses the place.
        mutate_bytes: changes the bytes there.
    """
    changed = b""
    if data.startswith(SIGNATURE) and random.random() < 0.8:
        changed = _mutate_png(data, most, random, mutate_bytes)
    elif data.startswith(b"{") and random.random() < 0.5:
        changed = _mutate_json(data, most, random, mutate_bytes)
    return changed if 0 < len(changed) <= most else mutate_bytes(data, most)


def _mutate_png(data: bytes, most: int, random: Random, mutate_bytes: Mutate) -> bytes:
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
        chunks[at] = kind, zlib.compress(mutate_bytes(_inflate(content), MAX_INFLATED), 1)
    else:
        chunks[at] = kind, mutate_bytes(content, most)
    return SIGNATURE + b"".join(_encode_chunk(*chunk) for chunk in chunks)


def _chunks(data: bytes) -> list[Chunk]:
    found, at = [], len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += length + 12
    return found


def _encode_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _inflate(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, MAX_INFLATED)
    except zlib.error:
        return content


def _mutate_json(data: bytes, most: int, random: Random, mutate_bytes: Mutate) -> bytes:
    places = list(ENCODED.finditer(data))
    if not places:
        return b""
    place = random.choice(places)
    try:
        image = base64.b64decode(place[0], validate=True)
    except binascii.Error:
        return b""
    image = mutate(image, most, random, mutate_bytes)
    return data[: place.start()] + base64.b64encode(image) + data[place.end() :]
