"""Canvas PNGs are decoded as Pillow decodes them; all others are left to it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from models.errors import MalformedRequest
from models.images import any_format, canvas_png
from models.preprocessing.polarity import find_ink
from service.images import decode
from tests.serving import ROOT

CANVAS = (ROOT / "tests/benchmarks/images/drawing.png").read_bytes()
"""A PNG of Chromium's canvas."""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode_canvas(pixels, row_filter=canvas_png.UP, pieces=1, extra=b""):
    """Encode pixels as a canvas does."""
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, -1)
    filtered = np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))
    raw = np.hstack([np.full((height, 1), row_filter, np.uint8), filtered]).tobytes()
    data = zlib.compress(raw)
    size = -(-len(data) // pieces)
    idat = b"".join(chunk(b"IDAT", data[i : i + size]) for i in range(0, len(data), size))
    head = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    return canvas_png.SIGNATURE + chunk(b"IHDR", head) + extra + idat + chunk(b"IEND", b"")


def decode_fast(data):
    return canvas_png.decode_canvas(data, canvas_png.header(data))


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 256, (37, 53, 4), dtype=np.uint8)


@pytest.mark.parametrize("height", [1, 2, 13, 14, 15, 28, 280, 1024])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_canvas_png_is_decoded_as_pillow_does(height, channels):
    pixels = np.random.default_rng(height).integers(0, 256, (height, 21, channels), dtype=np.uint8)
    data = encode_canvas(pixels, pieces=1 + height % 3)
    assert np.array_equal(decode_fast(data), pixels)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)


@pytest.mark.parametrize(
    "place", [(0, 0, 1, 1), (0, 5, 9, 20), (3, 0, 37, 2), (36, 52, 37, 53), (1, 1, 2, 2), (9, 9, 9, 9), (5, 7, 30, 40)]
)
def test_a_grey_drawing_anywhere_on_plain_paper_is_decoded_as_grey(place):
    top, left, bottom, right = place
    generator = np.random.default_rng(left)
    grey = np.full((37, 53), 250, np.uint8)
    grey[top:bottom, left:right] = generator.integers(0, 256, (bottom - top, right - left))
    pixels = np.asarray(Image.fromarray(grey).convert("RGBA"))
    assert np.array_equal(decode_fast(encode_canvas(pixels)), pixels if top == 0 else grey)
    for channel in range(4):
        changed = pixels.copy()
        changed[20, 20, channel] ^= 1
        assert np.array_equal(decode_fast(encode_canvas(changed)), changed)


def test_ink_that_leaves_the_canvas_at_the_bottom_is_decoded_to_the_last_row():
    grey = np.full((37, 53), 255, np.uint8)
    grey[9:, 20:30] = 0  # no byte changes after the tenth row
    assert np.array_equal(decode_fast(encode_canvas(np.asarray(Image.fromarray(grey).convert("RGBA")))), grey)


def test_a_png_of_chromium_is_decoded():
    assert np.array_equal(decode_fast(CANVAS), np.asarray(Image.open(io.BytesIO(CANVAS)))[..., 0])
    with any_format.opened(CANVAS, 1 << 20, "L", 1024) as opened:
        general = find_ink(any_format.grey_levels(opened, 1024))
    assert np.abs(decode.decode(CANVAS, 1 << 20).astype(int) - general).max() <= 1


def test_other_filters_and_chunks_are_not_decoded(pixels, encode):
    assert decode_fast(encode_canvas(pixels, row_filter=1)) is None
    assert decode_fast(encode_canvas(pixels, extra=chunk(b"acTL", bytes(8)))) is None
    assert decode_fast(encode(Image.fromarray(pixels[..., 0]))) is None
    assert decode_fast(encode(Image.fromarray(pixels))) is None


def test_a_png_of_wrong_length_is_not_decoded(pixels):
    lies = encode_canvas(pixels)[:16] + struct.pack(">II", 53, 36) + encode_canvas(pixels)[24:]
    assert decode_fast(lies) is None
    assert decode_fast(encode_canvas(pixels)[:16] + struct.pack(">II", 53, 38) + encode_canvas(pixels)[24:]) is None


def test_a_broken_canvas_png_is_never_decoded_wrongly(pixels):
    whole = encode_canvas(pixels)
    generator = np.random.default_rng(2)
    for cut in generator.integers(40, len(whole) - 12, 50):
        with pytest.raises(MalformedRequest):
            decode.decode(whole[:cut], 1 << 20)
    for _ in range(200):
        broken = bytearray(whole)
        broken[generator.integers(41, len(whole) - 20)] ^= 1 << generator.integers(8)
        read = decode_fast(bytes(broken))
        assert read is None or np.array_equal(read, pixels)


def test_other_data_has_no_png_header():
    assert canvas_png.header(b"") is None
    assert canvas_png.header(CANVAS[:20]) is None
    assert canvas_png.header(b"GIF89a" + bytes(40)) is None
