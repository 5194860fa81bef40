"""Which kind a file is, and what finds and reads its pictures."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from types import ModuleType

from models.errors import RequestError, UnusableInput
from service.score.sources import idx, loose, parquet, pdf, signatures, storage, tar_archive, tiff, zip_archive
from service.score.sources.signatures import GZIP, IDX, PARQUET, PDF, PICTURE, TAR, TIFF, ZIP
from service.score.sources.source import File, Mark, Picture, damaged, unreadable
from service.score.sources.tools import Tools

KINDS: dict[str, ModuleType] = {
    PICTURE: loose, ZIP: zip_archive, TAR: tar_archive, IDX: idx, PARQUET: parquet, PDF: pdf, TIFF: tiff,
}  # fmt: skip
ONE_PICTURE = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")
"""Ends of names of files that are not opened to see what they are: of a million, that takes a minute."""


def kind_of(file: File) -> str:
    """Tell what a file is.

    Raises:
        UnusableInput: it cannot be opened, or is compressed in a way that is not read.
    """
    if file.path.lower().endswith(ONE_PICTURE):
        return PICTURE
    try:
        with storage.open_file(file.path) as opened:
            kind = signatures.kind_of(opened.read(signatures.LENGTH))
        if kind != GZIP:
            return kind
        with storage.open_plain(file.path) as opened:
            kind = signatures.kind_of(opened.read(signatures.LENGTH))
    except (EOFError, zlib.error) as error:
        raise damaged("gzip file", error) from error
    except OSError as error:
        raise unreadable(error.strerror or error) from error
    if kind not in (IDX, TAR):
        raise UnusableInput("unsupported_archive", f"The file is a {kind}, compressed; unpack it with gunzip.")
    return kind


def marks(kind: str, file: File, tools: Tools) -> Iterator[Mark]:
    """Find the pictures of a file.

    Raises:
        RequestError: it is damaged, perhaps behind some pictures.
    """
    try:
        yield from KINDS[kind].marks(file, tools)
    except OSError as error:
        raise unreadable(error.strerror or error) from error


def read(kind: str, file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Read pictures of a file; what is wrong with it becomes the content of those that are left, of one at least."""
    done = 0
    try:
        for picture in KINDS[kind].read(file, start, count, tools):
            yield picture
            done += 1
        return
    except RequestError as found:
        error = found
    except (EOFError, zlib.error) as found:
        error = damaged(kind, found)
    except OSError as found:
        error = unreadable(found.strerror or found)
    for _ in range(done, max(count, done + 1)):
        yield Picture(file.path, None, error)
