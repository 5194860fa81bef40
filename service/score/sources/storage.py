"""Files on disk by their paths, and files elsewhere by URLs such as s3://bucket/key, which fsspec opens."""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import stat
from collections.abc import Iterator
from typing import IO, Any

from service.score.sources.sorted_names import sorted_names
from service.score.sources.source import File, SourceError

GZIP = b"\x1f\x8b"


def is_url(path: str) -> bool:
    """Tell whether a path is a URL."""
    return "://" in path


def status(path: str) -> File:
    """Look at a file.

    Raises:
        OSError: there is none.
    """
    if is_url(path):
        system, inside = _system(path)
        return File(path, int(system.info(inside)["size"] or 0), str(system.ukey(inside)))
    found = os.stat(path)
    return File(path, found.st_size, f"{found.st_size}-{found.st_mtime_ns}")


def is_folder(path: str) -> bool:
    """Tell whether a path is a folder."""
    if is_url(path):
        system, inside = _system(path)
        return bool(system.isdir(inside))
    return os.path.isdir(path)


def open_file(path: str) -> IO[bytes]:
    """Open a file to be read at any place.

    Raises:
        OSError: it cannot be opened, or is a pipe or a device, which may never end.
    """
    if is_url(path):
        system, inside = _system(path)
        file: IO[bytes] = system.open(inside, "rb")
        return file
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "it is a pipe or a device")
    return open(path, "rb")


@contextlib.contextmanager
def open_plain(path: str) -> Iterator[IO[bytes]]:
    """Open a file as `open_file` does, and decompress it if it is gzip's; a seek back begins at its beginning."""
    with open_file(path) as file:
        compressed = file.read(2) == GZIP
        file.seek(0)
        yield gzip.GzipFile(fileobj=file) if compressed else file  # type: ignore[misc]


def walk(folder: str, skip: str) -> Iterator[str]:
    """List the paths of all files in a folder, at any depth, in the order of their names.

    Hidden files and folders are left out, and folders that are links, which may lead round in circles.

    Args:
        folder: or the URL of one.
        skip: a folder that is left out.
    """
    if is_url(folder):
        system, inside = _system(folder)
        yield from (system.unstrip_protocol(path) for path in sorted(system.find(inside)) if not _hides(path, inside))
        return
    if os.path.realpath(folder) == skip:
        return
    try:
        names = sorted_names(_visible(folder))
    except OSError:  # reading it as a file says why
        yield folder
        return
    for name in names:
        path = os.path.join(folder, name.rstrip("/"))
        if name.endswith("/"):
            yield from walk(path, skip)
        else:
            yield path


def match(pattern: str, skip: str) -> Iterator[str]:
    """List the files whose paths match a pattern, and all files of the folders that do, in the order of their paths."""
    if is_url(pattern):
        system, inside = _system(pattern)
        names = (path for path in sorted(system.glob(inside)) if not _hides(path, os.path.commonpath([path, inside])))
        found: Iterator[str] = map(system.unstrip_protocol, names)
    else:
        import glob

        found = sorted_names(glob.iglob(pattern, recursive=True))
    within = "**" in pattern  # which has found what is in the folders too
    for path in found:
        if not is_folder(path):
            yield path
        elif not within:
            yield from walk(path, skip)


def _visible(folder: str) -> Iterator[str]:
    """List what is in a folder; folders end with a slash."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_hidden(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield f"{entry.name}/"
            elif entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path)):
                yield entry.name


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder is none of the user's: hidden, or left by a system beside its files."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _hides(path: str, folder: str) -> bool:
    return any(map(is_hidden, path[len(folder) :].strip("/").split("/")))


def _system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError:
        raise SourceError(
            f"{url}: needs fsspec; install requirements/score-cluster.txt, or copy the files to this machine"
        ) from None
    try:
        system, inside = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise SourceError(f"{url}: {error}; requirements/score-cluster.txt has what S3 needs") from error
    return system, inside
