"""The fast way to read what a canvas wrote reads what Pillow reads, or leaves it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from models.errors import MalformedRequest
from service.images import canvas_png, decode
from tests.serving import ROOT

CANVAS = (ROOT / "tests/benchmarks/images/drawing.png").read_bytes()
"""Written by Chromium's canvas.toBlob()."""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(pixels, row_filter=canvas_png.UP, pieces=1, extra=b""):
    """A PNG as a canvas writes it."""
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, -1)
    filtered = np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))
    raw = np.hstack([np.full((height, 1), row_filter, np.uint8), filtered]).tobytes()
    data = zlib.compress(raw)
    size = -(-len(data) // pieces)
    idat = b"".join(chunk(b"IDAT", data[i : i + size]) for i in range(0, len(data), size))
    head = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    return canvas_png.SIGNATURE + chunk(b"IHDR", head) + extra + idat + chunk(b"IEND", b"")


def fast(data):
    return canvas_png.decode_canvas(data, canvas_png.header(data))


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 256, (37, 53, 4), dtype=np.uint8)


@pytest.mark.parametrize("height", [1, 2, 13, 14, 15, 28, 280, 1024])
@pytest.mark.parametrize("channels", [3, 4])
def test_what_a_canvas_writes_is_read_as_pillow_reads_it(height, channels):
    pixels = np.random.default_rng(height).integers(0, 256, (height, 21, channels), dtype=np.uint8)
    data = write(pixels, pieces=1 + height % 3)
    assert np.array_equal(fast(data), pixels)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)


@pytest.mark.parametrize(
    "place", [(0, 0, 1, 1), (0, 5, 9, 20), (3, 0, 37, 2), (36, 52, 37, 53), (1, 1, 2, 2), (9, 9, 9, 9), (5, 7, 30, 40)]
)
def test_a_grey_drawing_on_plain_paper_is_read_as_grey_wherever_it_is(place):
    top, left, bottom, right = place
    generator = np.random.default_rng(left)
    grey = np.full((37, 53), 250, np.uint8)
    grey[top:bottom, left:right] = generator.integers(0, 256, (bottom - top, right - left))
    pixels = np.asarray(Image.fromarray(grey).convert("RGBA"))
    assert np.array_equal(fast(write(pixels)), pixels if top == 0 else grey)
    for channel in range(4):
        spoilt = pixels.copy()
        spoilt[20, 20, channel] ^= 1
        assert np.array_equal(fast(write(spoilt)), spoilt)


def test_what_chromium_wrote_is_read_the_fast_way():
    assert np.array_equal(fast(CANVAS), np.asarray(Image.open(io.BytesIO(CANVAS)))[..., 0])
    assert np.abs(decode.decode(CANVAS, 1 << 20).astype(int) - decode._decode_any(CANVAS, 1 << 20)).max() <= 1


def test_other_filters_and_chunks_are_left_to_others(pixels, encode):
    assert fast(write(pixels, row_filter=1)) is None
    assert fast(write(pixels, extra=chunk(b"acTL", bytes(8)))) is None
    assert fast(encode(Image.fromarray(pixels[..., 0]))) is None
    assert fast(encode(Image.fromarray(pixels))) is None


def test_a_wrong_length_is_left_to_others(pixels):
    lies = write(pixels)[:16] + struct.pack(">II", 53, 36) + write(pixels)[24:]
    assert fast(lies) is None
    assert fast(write(pixels)[:16] + struct.pack(">II", 53, 38) + write(pixels)[24:]) is None


def test_no_broken_canvas_is_read_as_a_whole_one(pixels):
    whole = write(pixels)
    generator = np.random.default_rng(2)
    for cut in generator.integers(40, len(whole) - 12, 50):
        with pytest.raises(MalformedRequest):
            decode.decode(whole[:cut], 1 << 20)
    for _ in range(200):
        broken = bytearray(whole)
        broken[generator.integers(41, len(whole) - 20)] ^= 1 << generator.integers(8)
        read = fast(bytes(broken))
        assert read is None or np.array_equal(read, pixels)


def test_what_is_no_png_has_no_header():
    assert canvas_png.header(b"") is None
    assert canvas_png.header(CANVAS[:20]) is None
    assert canvas_png.header(b"GIF89a" + bytes(40)) is None
