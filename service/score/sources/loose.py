"""A picture that is a file of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

from service.score.sources import storage
from service.score.sources.source import File, Mark, Picture, too_large, unreadable
from service.score.sources.tools import Tools


def marks(file: File, tools: Tools) -> Iterator[Mark]:
    """Find the one picture."""
    yield Mark(0, file.size)


def read(file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Read the one picture."""
    most = tools.config.max_bytes
    try:
        with storage.open_file(file.path) as opened:
            content = opened.read(most + 1)
            size = opened.seek(0, os.SEEK_END)
    except OSError as error:
        yield Picture(file.path, None, unreadable(error.strerror or error))
        return
    whole = len(content) <= most
    yield Picture(file.path, None, content if whole else too_large(size, most))
