"""Pictures in a tar archive as it lies, or compressed by gzip: then each read begins at the archive's beginning."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import IO

from models.errors import RequestError, UnusableInput
from service.score.sources import members, storage
from service.score.sources.source import File, Mark, Picture, damaged, too_large
from service.score.sources.tools import Tools

BLOCK = 512
"""Bytes of a header."""


def marks(file: File, tools: Tools) -> Iterator[Mark]:
    """Find the members; each begins where its first header does."""
    with storage.open_plain(file.path) as opened:
        for member, _ in _members(opened, 0):
            yield Mark(member.offset, member.size)


def read(file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Read members, each with all its pages."""
    with storage.open_plain(file.path) as opened:
        for member, archive in islice(_members(opened, start), count):
            path = f"{file.path}/{member.name}"
            try:
                content = _content(archive, member, tools.config.max_bytes)
            except RequestError as error:
                yield Picture(path, None, error)
            else:
                yield from members.pictures(path, content, tools)


def _members(file: IO[bytes], start: int) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    """Read headers from a place on, to the end of the archive."""
    try:
        file.seek(start)
        with tarfile.open(fileobj=file, mode="r:") as archive:
            while member := archive.next():
                archive.members.clear()  # type: ignore[attr-defined] # of a million members they fill memory
                if (member.isreg() or member.islnk() or member.issym()) and members.is_picture(member.name):
                    yield member, archive
            file.seek(archive.offset)
            if file.read(BLOCK).strip(b"\0"):
                raise damaged("tar archive", "a header is none")
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError) as error:
        raise damaged("tar archive", error) from error


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    if not member.isreg():
        raise UnusableInput("unsupported_archive", "The member is a link to another; unpack the archive.")
    if member.size > most:
        raise too_large(member.size, most)
    opened = archive.extractfile(member)
    content = opened.read() if opened else b""
    if len(content) < member.size:
        raise damaged("tar archive", "it ends in the middle of the member")
    return content
