"""What all kinds of sources speak of: files, pictures in them, and places where pictures begin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.errors import DigitsError, RequestError, RequestTooLarge, UnusableInput


class SourceError(DigitsError):
    """There is nothing to score, or the list of what to score cannot be had."""


class File(NamedTuple):
    """A file as it was listed.

    Attributes:
        path: or URL.
        size: bytes.
        stamp: changes when the file does.
    """

    path: str
    size: int
    stamp: str


class Mark(NamedTuple):
    """A place where a picture begins.

    Attributes:
        start: for the kind's `read`.
        size: bytes of the picture, about.
    """

    start: int
    size: int


Content = bytes | NDArray[np.uint8] | RequestError
"""An encoded picture, grey levels (h, w) uint8, or why a picture cannot be read."""


class Picture(NamedTuple):
    """A picture, not decoded yet.

    Attributes:
        path: of its file; of a member of an archive, the archive's path, a slash and its own.
        page: of a document, from 1; of a file of many pictures (IDX, Parquet), its place there, from 0; else None.
        content: as Content says.
    """

    path: str
    page: int | None
    content: Content


def unreadable(reason: object) -> UnusableInput:
    """Say why a file cannot be opened."""
    return UnusableInput("unreadable_file", f"The file cannot be read: {reason}.")


def damaged(what: str, reason: object) -> UnusableInput:
    """Say that a file is not what its first bytes promise."""
    return UnusableInput("damaged_file", f"The {what} is damaged: {reason}.")


def too_large(size: int, most: int) -> RequestTooLarge:
    """Refuse a picture of too many bytes."""
    return RequestTooLarge(
        "file_too_large", f"The picture has {size:,} bytes, over {most:,}; save it smaller, or set DIGITS_MAX_BYTES."
    )
