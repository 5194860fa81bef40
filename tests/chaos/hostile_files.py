"""Bodies that cost far more than their bytes: pictures, documents, and what unpacks to them."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib
from typing import NamedTuple

SCANS = 3000
TEXTS = 55
STROKES = 500_000
PARTS = 100_000
STRIPES = bytes(9) + b"\xff" * 7
LARGEST = 16 << 20
"""Bytes that the service reads of a body."""


class Body(NamedTuple):
    """A request to send."""

    path: str
    content_type: str
    content: bytes
    gzipped: bool = False


def many_scans() -> list[Body]:
    """A progressive JPEG of 12 megapixels and thousands of scans, in 325 bytes and as a correction."""
    return [
        Body("/predict", "image/jpeg", gzip.compress(_jpeg(4096, 3072, SCANS)), gzipped=True),
        _correction(_jpeg(4096, 3072, SCANS // 2)),
    ]


def texts() -> list[Body]:
    """A small PNG whose text chunks unpack to a megabyte each, alone and in JSON."""
    unpacked = zlib.compress(bytes(1 << 20), 9)
    png = _png(320, 320, *((b"zTXt", b"%d\0\0" % n + unpacked) for n in range(TEXTS)))
    document = json.dumps({"image": base64.b64encode(png).decode()}).encode()
    return [Body("/predict", "image/png", png), Body("/predict", "application/json", document)]


def strings_among_numbers() -> list[Body]:
    """A list of numbers with a long string in it, for every protocol."""
    row = '["' + "a" * 16_000 + '"' + ",1" * 8000 + "]"
    infer = '{"inputs": [{"name": "image", "shape": [1, 28, 28], "datatype": "FP32", "data": [%s]}]}'
    return [
        Body(path, "application/json", (document % row).encode())
        for path, document in (
            ("/predict", '{"pixels": [%s]}'),
            ("/predict", '{"strokes": [%s]}'),
            ("/v1/models/digits:predict", '{"instances": [%s]}'),
            ("/v2/models/digits/infer", infer),
            ("/corrections", '{"label": 1, "image": "", "strokes": [%s]}'),
        )
    ]


def many_strokes() -> list[Body]:
    """Corrections of half a million strokes, and a drawing of 10,900 points."""
    zigzag = json.dumps({"strokes": [[[9 * (n % 2)] * 2 for n in range(10_900)]]})
    return [
        _correction(_png(28, 28), ',"strokes":[' + ",".join(["[[0,0]]"] * STROKES) + "]"),
        Body("/predict", "application/json", zigzag.encode()),
    ]


def bombs() -> list[Body]:
    """What unpacks far: zeros, numbers, digits, nesting, forms of many parts, pictures of many pixels, frames and strips."""
    numbers = b'{"pixels": [' + b"0," * (LARGEST // 2 - 100) + b"0]}"
    digits = b'{"pixels": [[' + b"1" * (LARGEST // 2) + b"]]}"
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n\r\n'
    over = gzip.compress(bytes(4 * LARGEST))
    return [
        Body("/predict", "application/octet-stream", over, gzipped=True),
        Body("/predict", "application/json", gzip.compress(numbers), gzipped=True),
        Body("/predict", "application/json", gzip.compress(b"[" * (LARGEST - 100)), gzipped=True),
        Body("/predict", "application/json", gzip.compress(digits), gzipped=True),
        Body("/predict", "multipart/form-data; boundary=b", part * PARTS + b"--b--\r\n"),
        Body("/predict", "image/png", _png(4000, 3000, row=STRIPES)),
        Body("/predict", "image/png", _png(4000, 3000, interlaced=True)),
        Body("/predict", "image/png", _png(60_000, 60_000, rows=9)),
        Body("/predict", "image/gif", _gif(4000, 3000, 2000)),
        Body("/predict", "image/tiff", _tiff(4000, 3000)),
        _correction(_png(4000, 3000, row=STRIPES)),
    ]


def _correction(picture: bytes, more: str = "") -> Body:
    document = f'{{"label":1,"image":"{base64.b64encode(picture).decode()}"{more}}}'
    return Body("/corrections", "application/json", document.encode())


def _png(
    width: int,
    height: int,
    *chunks: tuple[bytes, bytes],
    row: bytes = b"\0",
    rows: int | None = None,
    interlaced: bool = False,
) -> bytes:
    """Write a grey PNG of one row again and again, of which only some may be there, with chunks before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    line = b"\0" + (row * width)[:width]
    pixels = zlib.compress(line * (2 * height if interlaced else height if rows is None else rows), 9)
    every = ((b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in every
    )


def _jpeg(width: int, height: int, scans: int) -> bytes:
    """Write a progressive JPEG; each of its refinement scans is 24 bytes, and walks over every coefficient."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    def coded(bits: str) -> bytes:
        bits += "1" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")

    blocks = (width // 8) * (height // 8)
    full, rest = divmod(blocks, 32_767)  # a run of empty blocks is at least 16,384 and at most 32,767 long
    runs = [blocks // (full + 1)] * full + [blocks - full * (blocks // (full + 1))] if rest else [32_767] * full
    tables = segment(0xDB, b"\0" + b"\1" * 64)
    tables += segment(0xC4, b"\x00\1" + bytes(15) + b"\x00") + segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    frame = segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    first = segment(0xDA, b"\1\1\0\0\0\0") + coded("0" * blocks)
    again = segment(0xDA, b"\1\1\0\1\x3f\x10") + coded("".join(f"0{run - 16_384:014b}" for run in runs))
    return b"\xff\xd8" + tables + frame + first + again * scans + b"\xff\xd9"


def _gif(width: int, height: int, frames: int) -> bytes:
    """Write a GIF of many frames of a pixel on a large canvas."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + b"\xff" * 3 + frame * frames + b";"


def _tiff(width: int, height: int) -> bytes:
    """Write a grey TIFF of a strip a row, all of which are the same bytes."""
    strip = zlib.compress(bytes(width))
    offsets = struct.pack(f"<{height}I", *[8] * height)
    counts = struct.pack(f"<{height}I", *[len(strip)] * height)
    data = strip + b"\0" * (len(strip) % 2)
    at = 8 + len(data)
    entries = (
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1),
        (273, 4, height, at), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, height, at + len(offsets)),
    )  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", at + len(offsets) + len(counts)) + data + offsets + counts + directory
