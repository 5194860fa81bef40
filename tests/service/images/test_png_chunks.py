from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from models.images import png_chunks
from service.images.decode import decode


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_notes_that_inflate_are_left_out_and_the_picture_is_the_same():
    file = io.BytesIO()
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(file, "PNG")
    png = file.getvalue()
    noted = png[:33] + chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1 << 20))) + chunk(b"tEXt", b"k\0v") + png[33:]
    kept = png_chunks.without_notes(noted)
    assert png_chunks.chunk_kinds(kept) == png_chunks.chunk_kinds(png) | {b"tEXt"}
    assert np.array_equal(decode(noted, 10_000), decode(png, 10_000))
    assert png_chunks.without_notes(png) == png
