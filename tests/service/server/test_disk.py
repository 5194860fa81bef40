"""The disk of the models fills up, or becomes read-only, while a version is written and served."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from model_training.__main__ import main
from models.errors import StoreUnwritable
from models.registry.store import ARTIFACTS, Store
from tests import serving
from tests.service.steady import Steady, until

MEGABYTES = 24
"""Size of the disk: room for version 1 (14 MB) and version 3 (7 MB), but not for version 1 twice."""
COMMITTED = Store(ARTIFACTS / "digits")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture
def store(disk: Path) -> Store:
    store = Store(disk / "digits")
    store.promote(store.publish(COMMITTED.resolve(1)))
    return store


def contents(store: Store) -> dict[str, str]:
    """Hash every file of a store."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in store.root.rglob("*") if path.is_file()
    }


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))


def check_unwritable(store: Store, complaint: str) -> None:
    """Check that neither a version nor a label can be written, that both errors say why, and that the store is unchanged."""
    before = contents(store)
    with pytest.raises(StoreUnwritable, match=rf"digits: no version can be written \(.*{complaint}.*promote it"):
        store.publish(COMMITTED.resolve(1))
    assert contents(store) == before
    if complaint == "No space left on device":
        fill(store.root.parent / "filler")
    with pytest.raises(StoreUnwritable, match=rf"labels\.json: cannot be written \(.*{complaint}"):
        main(["promote", "1", "--label", "canary", "--models", str(store.root), "--quiet"])
    assert contents(store) == before
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", "1", "labels.json"]


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_full_or_read_only_disk_loses_no_answer_and_no_version(fault, disk, store, encode, splits):
    def more() -> None:
        before = len(load.answers)
        until(lambda: len(load.answers) > before + 200)

    with serving.service(DIGITS_MODELS=str(store.root)) as (url, _):
        with Steady(url, encode(splits.test.digits[0])) as load:
            load.await_version(1)
            if fault == "full":
                check_unwritable(store, "No space left on device")
                more()
                (disk / "filler").unlink()
            else:
                remount(disk, "ro")
                check_unwritable(store, "Read-only file system")
                more()
                remount(disk, "rw")
            store.promote(store.publish(COMMITTED.resolve(3)))
            load.await_version(2)
        assert load.failures == []
        assert {status for status, _ in load.answers} == {200}
