"""Read the fuzzer's corpus, with what it found, without the fuzzer: in this process, and through the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from models.errors import BlankDrawing, RequestError
from service.images.decode import decode
from tests.fuzz import fuzz_target, mutation
from tests.fuzz.calls import calls
from tests.fuzz.cost import errors, log_faults
from tests.fuzz.watch import Watch, watched_service

HERE = Path(__file__).parent / "corpus"
CORPUS = sorted(HERE.iterdir())
BROKEN = "broken-"
"""Prefix of the names of files without a digit."""

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's, for a truncated TIFF


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_each_file_is_read_or_refused_as_its_name_says(path):
    results = fuzz_target.read(path.read_bytes())
    digits = [result for result in results if not isinstance(result, (RequestError, BlankDrawing))]
    assert results
    assert bool(digits) != path.name.startswith(BROKEN)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_a_few_changes_to_each_file_break_nothing(path):
    random = Random(path.name)

    def flip(data: bytes, most: int) -> bytes:
        changed = bytearray(data[:most] or b"\0")
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
        return bytes(changed)

    for _ in range(20):
        fuzz_target.read(mutation.mutate(path.read_bytes(), 1 << 16, random, flip))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watch, list[str]]]:
    """Start a service, and let it load what it needs only once."""
    folder = tmp_path_factory.mktemp("corrections")
    with watched_service(DIGITS_DATABASE_URL=f"sqlite:///{folder}/corrections.db") as (watch, log):
        for call in calls((HERE / "photo.jpg").read_bytes(), Random(0)):
            watch.send(call)
        watch.remember_size()
        yield watch, log


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_the_service_answers_each_file_by_every_route_and_stays_small(served, path):
    watch, log = served
    log.clear()
    costs = {str(call): watch.send(call) for call in calls(path.read_bytes(), Random(path.name))}
    assert costs
    assert {call: found for call, cost in costs.items() if (found := errors(cost))} == {}
    assert watch.leaks() + log_faults(log) == []


def test_a_mutation_reaches_below_a_png_s_compression_and_checksums():
    def darken(data: bytes, most: int) -> bytes:
        return data[:-1] + b"\x80"

    canvas = (HERE / "canvas-opaque.png").read_bytes()
    drawings = []
    for seed in range(10):
        with suppress(RequestError):
            drawings.append(decode(mutation.mutate(canvas, 1 << 16, Random(seed), darken), 1 << 20))
    corners = {drawing[-1, -1] for drawing in drawings}
    assert len(corners) == 2
    assert 0 in corners
