"""Pages of a PDF, rendered one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from models.errors import RequestError
from service.score.sources import storage
from service.score.sources.source import File, Mark, Picture, too_large
from service.score.sources.tools import Tools

PAGE_BYTES = 4 << 20
"""Of a page beside other pictures: rendering it takes as long as decoding a photo."""


def marks(file: File, tools: Tools) -> Iterator[Mark]:
    """Find the pages by their numbers, from 1."""
    with storage.open_file(file.path) as opened, _on_this_machine(file, opened, tools) as local:
        for number in range(1, tools.renderer.count(local.fileno()) + 1):
            yield Mark(number, PAGE_BYTES)


def read(file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Render pages."""
    with storage.open_file(file.path) as opened, _on_this_machine(file, opened, tools) as local:
        yield from _pages(file.path, local, range(start, start + count), tools)


def pages(path: str, content: bytes, tools: Tools) -> Iterator[Picture]:
    """Render all pages of a file in memory."""
    with _written(content) as file:
        yield from _pages(path, file, range(1, tools.renderer.count(file.fileno()) + 1), tools)


def _pages(path: str, file: IO[bytes], numbers: range, tools: Tools) -> Iterator[Picture]:
    for number in numbers:
        try:
            yield Picture(path, number, tools.renderer.render(file.fileno(), number))
        except RequestError as error:
            yield Picture(path, number, error)


def _on_this_machine(file: File, opened: IO[bytes], tools: Tools) -> IO[bytes]:
    """Return a file that another process can be handed; one from elsewhere is copied."""
    if not storage.is_url(file.path):
        return opened
    if file.size > tools.config.max_bytes:
        raise too_large(file.size, tools.config.max_bytes)
    return _written(opened.read(tools.config.max_bytes))


def _written(content: bytes) -> IO[bytes]:
    """Write a file without a name."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (it is given away open)
    file.write(content)
    file.flush()
    return file
