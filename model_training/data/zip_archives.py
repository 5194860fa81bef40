"""Read files from a zip, of which each entry may be damaged, locked or a bomb; nothing is extracted."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from model_training.data import pictures, stroke_lines
from models.errors import DrawingError

MAX_ENTRIES = 500_000
MAX_GROWTH = 20
"""Bytes of all entries that are read for each byte of the archive; pictures are compressed already."""
ALWAYS_READ = 256 << 20
"""Bytes, whatever the archive's size."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others' decompressors cannot be told to stop."""
ENCRYPTED = 1
"""Bit of an entry's flags."""
RESOURCES = "__MACOSX"
"""Folder in which a Mac keeps what belongs to its files, under their names."""


def read(path: Path) -> Iterator[tuple[PurePosixPath, bytes | IO[bytes] | str | None]]:
    """Yield the name of each file, with its bytes or its lines or why they cannot be read; None if it is of no kind.

    Raises:
        Exception: the archive cannot be read at all.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise DrawingError(f"{len(entries):,} entries; split it into archives of {MAX_ENTRIES:,} or fewer")
        left = ALWAYS_READ + MAX_GROWTH * path.stat().st_size
        for entry in sorted(entries, key=lambda entry: entry.filename):
            name = _name(entry)
            if entry.is_dir() or RESOURCES in name.parts:
                continue
            of_strokes = stroke_lines.is_one(name.name)
            if not of_strokes and not pictures.is_one(name.name):
                yield name, None
                continue
            content = _lines(archive, entry) if of_strokes else _content(archive, entry)
            left -= len(content) if isinstance(content, (bytes, str)) else entry.file_size
            if left < 0:
                raise DrawingError(f"inflates to over {MAX_GROWTH} times its size; the rest is left out")
            yield name, content


def _name(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return an entry's name; some programs divide folders by backslashes."""
    name = entry.filename
    return PurePosixPath(name if "/" in name else name.replace("\\", "/"))


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
    if reason := _refusal(entry):
        return reason
    if entry.file_size > pictures.MAX_BYTES:
        return f"{entry.file_size:,} bytes where {pictures.MAX_BYTES:,} are read"
    try:
        with archive.open(entry) as file:
            return file.read(pictures.MAX_BYTES + 1)
    except Exception as error:  # zlib's, zipfile's and the system's, according to which bytes are damaged
        return f"damaged ({error})"


def _lines(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes] | str:
    return _refusal(entry) or archive.open(entry)


def _refusal(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & ENCRYPTED:
        return "locked with a password"
    if entry.compress_type not in METHODS:
        return f"compressed by method {entry.compress_type}; only deflate and stored entries are read"
    return ""
