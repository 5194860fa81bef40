"""Write beside and rename into place, one writer at a time, so that a kill at any point breaks nothing."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

LOCK_FILE = ".lock"
PREFIX = ".incoming-"
"""Of everything that is not in its place yet."""
ABANDONED = (f"{PREFIX}*", "labels.json.incoming")
"""What killed writers leave; the last is the name that earlier releases gave."""

log = logging.getLogger(__name__)


@contextlib.contextmanager
def write_lock(directory: Path) -> Iterator[None]:
    """Wait until nobody else writes into `directory`, then keep others out; remove what killed writers left there.

    The system releases the lock of a process that is killed, so whatever is staged when the lock is held is abandoned.
    Readers take no lock: they see what was renamed into place.

    Raises:
        OSError: `directory` cannot be written, or its file system has no locks.
    """
    descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(descriptor, directory)
        try:
            _remove_abandoned(directory)
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing is not enough where a fork holds the descriptor too
    finally:
        os.close(descriptor)


def stage_directory(parent: Path) -> Path:
    """Create a directory that `move_into_place` is to rename; the caller holds the lock of `parent`."""
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))


def move_into_place(staging: Path, directory: Path) -> None:
    """Make every file of `staging` durable, then rename it to `directory` in one step."""
    staging.chmod(0o755)
    for path in [*staging.rglob("*"), staging]:
        _fsync(path)
    staging.rename(directory)
    _fsync(directory.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step, durably; the caller holds the lock of its directory."""
    descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _fsync(path.parent)


def _lock(descriptor: int, directory: Path) -> None:
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("%s: another process writes there; waiting for it", directory)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        reason = f"{error.strerror}: its file system has no locks (flock); use one that has"
        raise OSError(error.errno, reason, str(directory)) from error


def _remove_abandoned(directory: Path) -> None:
    for pattern in ABANDONED:
        for path in directory.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
