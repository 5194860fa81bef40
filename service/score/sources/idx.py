"""Pictures in an IDX file, as MNIST comes in: n x h x w grey levels; compressed by gzip too."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO, NamedTuple

import numpy as np

from models.errors import RequestTooLarge, UnusableInput
from service.score.sources import storage
from service.score.sources.source import File, Mark, Picture, damaged
from service.score.sources.tools import Tools

UNSIGNED_BYTES = 8
DIMENSIONS = 3


class Header(NamedTuple):
    """How many pictures there are, and of what size."""

    total: int
    height: int
    width: int

    @property
    def size(self) -> int:
        """Bytes of a picture."""
        return self.height * self.width


def marks(file: File, tools: Tools) -> Iterator[Mark]:
    """Find the pictures by their numbers."""
    with storage.open_plain(file.path) as opened:
        header = _header(opened, tools)
        for number in range(header.total):
            yield Mark(number, header.size)


def read(file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Read pictures."""
    with storage.open_plain(file.path) as opened:
        yield from _pictures(file.path, opened, start, count, tools)


def pictures(path: str, content: bytes, tools: Tools) -> Iterator[Picture]:
    """Read all pictures of a file in memory."""
    file = BytesIO(content)
    yield from _pictures(path, file, 0, _header(file, tools).total, tools)


def _pictures(path: str, file: IO[bytes], start: int, count: int, tools: Tools) -> Iterator[Picture]:
    file.seek(0)
    header = _header(file, tools)
    try:
        file.seek(start * header.size, 1)
        for number in range(start, start + count):
            levels = file.read(header.size)
            if len(levels) < header.size:
                raise damaged("IDX file", f"it ends in picture {number:,} of {header.total:,}")
            yield Picture(path, number, np.frombuffer(levels, np.uint8).reshape(header.height, header.width))
    except (EOFError, OSError, zlib.error) as error:
        raise damaged("IDX file", error) from error


def _header(file: IO[bytes], tools: Tools) -> Header:
    """Read the header.

    Raises:
        RequestError: there are no pictures, or too large ones.
    """
    try:
        start = file.read(4)
        sizes = file.read(4 * start[3])
        dimensions = struct.unpack(f">{start[3]}I", sizes)
    except (EOFError, OSError, zlib.error, struct.error, IndexError) as error:
        raise damaged("IDX file", error) from error
    if start[2] != UNSIGNED_BYTES or len(dimensions) != DIMENSIONS or not math.prod(dimensions[1:]):
        shape = " x ".join(map(str, dimensions))
        raise UnusableInput(
            "no_pictures", f"The IDX file holds {shape} values of type {start[2]}, not n x h x w grey levels: labels?"
        )
    header = Header(*dimensions)
    if header.size > tools.config.max_pixels:
        raise RequestTooLarge("too_many_pixels", f"Each picture has over {tools.config.max_pixels:,} pixels.")
    return header
