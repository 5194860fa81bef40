"""Several processes write into a store at once, and are killed at any point: nothing breaks, and the next goes on."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.inference.contract import Contract
from models.inference.rejection import Rejection
from models.inference.standardization import Standardization
from models.registry import artifact, contract
from models.registry.store import Store

PATIENCE = 120
KILLS = 15


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Save an artifact of a few small files, whose network is not run here."""
    rejection = Rejection("energy", center=6.0, scale=2.0, min_digit_score=0.5, min_margin=0.3)
    promises = Contract("digits", tuple(range(10)), Standardization(33.0, 78.0), 1.0, rejection)

    def write_files(staging: Path) -> None:
        (staging / "network.tflite").write_bytes(bytes(10_000))
        (staging / "variables").mkdir()
        (staging / "variables" / "index").write_bytes(b"index")

    artifact.save(tmp_path / "run" / "artifact", promises, write_files)
    return tmp_path / "run" / "artifact"


@pytest.fixture
def store(tmp_path: Path, small: Path) -> Store:
    store = Store(tmp_path / "digits")
    for _ in range(2):
        store.promote(store.publish(small))
    return store


@contextlib.contextmanager
def writing(how: str, store: Store, small: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.models.registry.writers", how, str(store.root), str(small)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_writer_killed_at_any_file_operation_breaks_nothing_and_the_next_goes_on(store, small):
    with writing("everywhere", store, small) as process:
        output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert [line.split()[0] for line in output.splitlines()] == ["publish", "promote", "rollback"]


def test_publishers_wait_for_each_other_and_each_gets_numbers_of_its_own(store, small):
    numbers = []
    with contextlib.ExitStack() as stack:
        publishers = [stack.enter_context(writing("publish", store, small)) for _ in range(4)]
        for publisher in publishers:
            numbers += [int(publisher.stdout.readline()) for _ in range(5)]
    assert len(numbers) == len(set(numbers)) == 20
    assert set(numbers) <= set(store.versions())


def test_processes_that_are_killed_while_others_write_break_nothing(store, small):
    generator = random.Random(1)
    kinds = ["publish", "promote", "promote"]
    with contextlib.ExitStack() as stack:
        writers = [stack.enter_context(writing(kind, store, small)) for kind in kinds]
        for _ in range(KILLS):
            place = generator.randrange(len(writers))
            for _ in range(generator.randrange(1, 4)):
                assert writers[place].stdout.readline(), writers[place].stderr.read()
            writers[place].kill()
            assert store.resolve().is_dir()
            writers[place] = stack.enter_context(writing(kinds[place], store, small))
    version = store.publish(small)
    store.promote(version)
    assert store.versions() == list(range(1, version + 1))
    for number in store.versions():
        contract.verify(store.resolve(number))
    assert sorted(path.name for path in store.root.iterdir() if not path.name.isdecimal()) == [".lock", "labels.json"]


def test_what_killed_writers_left_is_removed_by_the_next_but_not_by_readers(store, small):
    (store.root / ".incoming-abcdefgh").mkdir()
    (store.root / ".incoming-abcdefgh" / "model.json").write_text("{")
    (store.root / ".incoming-12345678").write_text("half")
    (store.root / "labels.json.incoming").write_text("half")
    (small.parent / ".incoming-abcdefgh").mkdir()
    assert store.versions() == [1, 2]
    assert store.resolve(2).name == "2"
    assert len([path for path in store.root.iterdir() if "incoming" in path.name]) == 3
    store.promote(1)
    assert not [path for path in store.root.iterdir() if "incoming" in path.name]
    with pytest.raises(FileExistsError):
        artifact.save(small, contract.verify(small), lambda staging: None)
    assert not [path for path in small.parent.iterdir() if "incoming" in path.name]
