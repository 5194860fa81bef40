"""What the fuzzer begins with and what it found, read without it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from models.errors import BlankDrawing, RequestError
from service.images.decode import decode
from tests.fuzz import mutating, reading

HERE = Path(__file__).parent / "corpus"
CORPUS = sorted(HERE.iterdir())
BROKEN = "broken-"
"""What a file's name begins with that holds no digit."""

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's, of a TIFF cut short


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_each_file_is_read_or_refused_as_its_name_says(path):
    items = reading.read(path.read_bytes())
    digits = [item for item in items if not isinstance(item, (RequestError, BlankDrawing))]
    assert items
    assert bool(digits) != path.name.startswith(BROKEN)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_a_few_changes_to_each_file_break_nothing(path):
    random = Random(path.name)

    def flip(data: bytes, most: int) -> bytes:
        changed = bytearray(data[:most] or b"\0")
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
        return bytes(changed)

    for _ in range(20):
        reading.read(mutating.mutated(path.read_bytes(), 1 << 16, random, flip))


def test_a_change_gets_below_a_png_s_compression_and_checksums():
    def darken(data: bytes, most: int) -> bytes:
        return data[:-1] + b"\x80"

    canvas = (HERE / "canvas-opaque.png").read_bytes()
    drawings = []
    for seed in range(10):
        with suppress(RequestError):
            drawings.append(decode(mutating.mutated(canvas, 1 << 16, Random(seed), darken), 1 << 20))
    corners = {drawing[-1, -1] for drawing in drawings}
    assert len(corners) == 2
    assert 0 in corners
