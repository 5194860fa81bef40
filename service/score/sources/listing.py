"""What a user names -> files: files, folders, patterns, URLs, and a list on stdin."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import IO

from service.score.sources import storage
from service.score.sources.source import File, SourceError

STDIN = "-"
LONGEST = 1 << 16
"""Bytes of a path in a list."""


def files(sources: Sequence[str], skip: str) -> Iterator[File]:
    """List the files of all sources, in order; one that cannot be looked at has no size and no stamp.

    Args:
        sources: as the user named them.
        skip: a folder that is left out, that of the results.

    Raises:
        SourceError: a source does not exist.
    """
    for source in sources:
        for path in _paths(source, skip):
            try:
                yield storage.status(path)
            except OSError:  # whoever reads it says why
                yield File(path, 0, "")


def _paths(source: str, skip: str) -> Iterator[str]:
    if source == STDIN:
        for line in _lines(sys.stdin.buffer):
            yield from _named(line, skip) or [line]
        return
    found = _named(source, skip)
    if found is None:
        raise SourceError(f"{source}: there is no such file or folder, and no file matches it")
    yield from found


def _named(name: str, skip: str) -> Iterator[str] | None:
    """List the files that a name stands for; None if it stands for none."""
    try:
        if storage.is_folder(name):
            return storage.walk(name, skip)
        storage.status(name)
        return iter([name])
    except OSError:
        pass
    if not any(character in name for character in "*?["):
        return None
    found = storage.match(name, skip)
    first = next(found, None)
    return None if first is None else _chain(first, found)


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Read a list, a path a line; or with zero bytes between, as `find -print0` writes it."""
    start = stream.peek(LONGEST)[:LONGEST] if hasattr(stream, "peek") else b""
    separator = b"\0" if b"\0" in start else b"\n"
    rest = b""
    while chunk := stream.read1(LONGEST) if hasattr(stream, "read1") else stream.read(LONGEST):
        *whole, rest = (rest + chunk).split(separator)
        yield from filter(None, map(_decode, whole))
    yield from filter(None, [_decode(rest)])


def _decode(line: bytes) -> str:
    return line.rstrip(b"\r").decode(errors="surrogateescape")
