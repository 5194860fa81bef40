"""Pages of a TIFF, each as a TIFF of its own, so that it is decoded as any picture is.

A page is a directory of tags (TIFF 6.0; BigTIFF with longer numbers). Its strips or tiles are copied as they are.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import IO, NamedTuple

from models.errors import RequestError
from service.score.sources import storage
from service.score.sources.source import File, Mark, Picture, damaged, too_large
from service.score.sources.tools import Tools

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type."""
LONG, SHORT, LONG8 = 4, 3, 16
PIECES = {273: 279, 324: 325}
"""The tag of the places of strips, or of tiles, with that of their sizes."""
ELSEWHERE = {330, 34665, 34853, 513, 514}
"""Tags of places in the file that are not copied: other directories, and the whole JPEG of an old kind."""
MOST_PAGES = 65_536
MOST_TAGS = 4_096
MOST_VALUES = 1 << 22
"""Bytes of a tag's values."""


class Layout(NamedTuple):
    """How numbers are written."""

    order: str
    big: bool

    @property
    def counter(self) -> str:
        """Format of the number of tags of a directory."""
        return f"{self.order}{'Q' if self.big else 'H'}"

    @property
    def place(self) -> str:
        """Format of a place in the file."""
        return f"{self.order}{'Q' if self.big else 'I'}"

    @property
    def tag(self) -> str:
        """Format of a tag, its type, the number of its values, and their bytes or their place."""
        return f"{self.order}{'HHQ8s' if self.big else 'HHI4s'}"


def marks(file: File, tools: Tools) -> Iterator[Mark]:
    """Find the pages by their numbers, from 1."""
    with storage.open_file(file.path) as opened:
        found = _directories(opened)
        for number, _ in enumerate(found, 1):
            yield Mark(number, file.size)


def read(file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Read pages."""
    with storage.open_file(file.path) as opened:
        for number, (layout, place) in islice(enumerate(_directories(opened), 1), start - 1, start - 1 + count):
            yield Picture(file.path, number, _page_or_error(opened, layout, place, tools.config.max_bytes))


def pages(path: str, content: bytes) -> Iterator[Picture]:
    """Read all pages of a file in memory."""
    file = BytesIO(content)
    for number, (layout, place) in enumerate(_directories(file), 1):
        yield Picture(path, number, _page_or_error(file, layout, place, len(content)))


def _directories(file: IO[bytes]) -> Iterator[tuple[Layout, int]]:
    """Follow the chain of directories.

    Raises:
        UnusableInput: it has no end, or leads out of the file.
    """
    start = _at(file, 0, 16)
    layout = Layout("<" if start[:2] == b"II" else ">", start[2:4] in (b"+\0", b"\0+"))
    (place,) = struct.unpack_from(layout.place, start, 8 if layout.big else 4)
    seen: set[int] = set()
    while place:
        if place in seen or len(seen) == MOST_PAGES:
            raise damaged("TIFF", "its pages have no end")
        seen.add(place)
        tags = _tags_count(file, layout, place)
        yield layout, place
        after = place + struct.calcsize(layout.counter) + tags * struct.calcsize(layout.tag)
        (place,) = struct.unpack(layout.place, _at(file, after, struct.calcsize(layout.place)))


def _page_or_error(file: IO[bytes], layout: Layout, place: int, most: int) -> bytes | RequestError:
    try:
        return _page(file, layout, place, most)
    except RequestError as error:
        return error


def _page(file: IO[bytes], layout: Layout, place: int, most: int) -> bytes:
    """Copy a page into a file of its own."""
    tags = _tags(file, layout, place)
    data = bytearray(16)
    for where, sizes in PIECES.items():
        if where in tags and sizes in tags:
            places, lengths = _numbers(layout, *tags[where]), _numbers(layout, *tags[sizes])
            if sum(lengths) > most:
                raise too_large(sum(lengths), most)
            moved = []
            for piece, length in zip(places, lengths, strict=False):
                moved.append(len(data))
                data += _at(file, piece, length)
            kind, letter = (LONG8, "Q") if layout.big else (LONG, "I")
            tags[where] = kind, len(moved), struct.pack(f"{layout.order}{len(moved)}{letter}", *moved)
    room = 8 if layout.big else 4
    written = struct.pack(layout.counter, len(tags))
    for tag, (kind, count, values) in sorted(tags.items()):
        if len(values) > room:
            data += bytes(-len(data) % 8)
            values, outside = struct.pack(layout.place, len(data)), values
            data += outside
        written += struct.pack(layout.tag, tag, kind, count, values)
    data += bytes(-len(data) % 8)
    head = (b"II" if layout.order == "<" else b"MM") + struct.pack(f"{layout.order}H", 43 if layout.big else 42)
    head += struct.pack(f"{layout.order}HH", 8, 0) if layout.big else b""
    head += struct.pack(layout.place, len(data))
    data[: len(head)] = head
    return bytes(data) + written + bytes(room)


def _tags(file: IO[bytes], layout: Layout, place: int) -> dict[int, tuple[int, int, bytes]]:
    """Read a directory: tag -> type, number of values, and their bytes."""
    size = struct.calcsize(layout.tag)
    table = _at(file, place + struct.calcsize(layout.counter), _tags_count(file, layout, place) * size)
    tags: dict[int, tuple[int, int, bytes]] = {}
    for tag, kind, count, field in struct.iter_unpack(layout.tag, table):
        length = SIZES.get(kind, 0) * count
        if tag in ELSEWHERE or not length:
            continue
        if length > MOST_VALUES:
            raise damaged("TIFF", f"tag {tag} has {length:,} bytes")
        tags[tag] = kind, count, field[:length]
        if length > len(field):
            tags[tag] = kind, count, _at(file, struct.unpack(layout.place, field)[0], length)
    return tags


def _tags_count(file: IO[bytes], layout: Layout, place: int) -> int:
    (count,) = struct.unpack(layout.counter, _at(file, place, struct.calcsize(layout.counter)))
    if not 0 < count <= MOST_TAGS:
        raise damaged("TIFF", f"a page has {count:,} tags")
    return int(count)


def _numbers(layout: Layout, kind: int, count: int, values: bytes) -> tuple[int, ...]:
    letter = {SHORT: "H", LONG: "I", LONG8: "Q"}.get(kind)
    if letter is None:
        raise damaged("TIFF", f"places are of type {kind}")
    return struct.unpack(f"{layout.order}{count}{letter}", values)


def _at(file: IO[bytes], place: int, length: int) -> bytes:
    try:
        file.seek(place)
        content = file.read(length)
    except (OSError, ValueError, OverflowError) as error:
        raise damaged("TIFF", error) from error
    if len(content) < min(length, 8):
        raise damaged("TIFF", "it is cut short")
    return content
