"""Pictures in a zip archive as it lies. Its directory is read as a stream: that of a million members fills memory.

The format is PKWARE's APPNOTE 6.3.10. `zipfile` holds every member's record at once, some 700 bytes each.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import IO, NamedTuple

from models.errors import RequestError, UnusableInput
from service.score.sources import members, storage
from service.score.sources.source import File, Mark, Picture, damaged, too_large
from service.score.sources.tools import Tools

_END = struct.Struct("<4s4xHHIIH")
_END64 = struct.Struct("<4s8x2x2x4x4xQQQQ")
_RECORD = struct.Struct("<4s4xHH4xIIIHHH8xI")
_LOCAL = struct.Struct("<4s22xHH")
LONGEST_END = _END.size + 0xFFFF + 20 + _END64.size
"""Bytes at the end of an archive in which its directory's place is told."""
FULL = 0xFFFFFFFF
"""Value of a field whose true value is in the ZIP64 extra field."""
UTF8, ENCRYPTED = 1 << 11, 1
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14


class Member(NamedTuple):
    """A record of the directory."""

    name: str
    flags: int
    method: int
    checksum: int
    compressed: int
    size: int
    offset: int


def marks(file: File, tools: Tools) -> Iterator[Mark]:
    """Find the members; each begins where its record in the directory does."""
    with storage.open_file(file.path) as opened:
        start, shift = _find_directory(opened, file.size)
        for place, member in _directory(opened, start, shift):
            if members.is_picture(member.name):
                yield Mark(place, member.compressed)


def read(file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Read members, each with all its pages."""
    with storage.open_file(file.path) as opened, storage.open_file(file.path) as directory:
        _, shift = _find_directory(directory, file.size)
        found = (member for _, member in _directory(directory, start, shift) if members.is_picture(member.name))
        for member in islice(found, count):
            path = f"{file.path}/{member.name}"
            try:
                content = _content(opened, member, tools.config.max_bytes)
            except RequestError as error:
                yield Picture(path, None, error)
            else:
                yield from members.pictures(path, content, tools)


def _find_directory(file: IO[bytes], size: int) -> tuple[int, int]:
    """Find where the directory begins, and how many bytes lie before the archive, as the program that unpacks it."""
    begin = max(size - LONGEST_END, 0)
    file.seek(begin)
    tail = file.read(LONGEST_END)
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) - end < _END.size:
        raise damaged("zip archive", "it has no directory; it is cut short, or a part of several")
    _, _, count, length, offset, _ = _END.unpack_from(tail, end)
    place = begin + end
    end64 = tail.rfind(b"PK\6\6", 0, end)
    if end64 >= 0 and (count == 0xFFFF or FULL in (length, offset)):
        _, _, _, length, offset = _END64.unpack_from(tail, end64)
        place = begin + end64
    start = place - length
    if start < offset:
        raise damaged("zip archive", "its directory begins before its members end")
    return start, start - offset


def _directory(file: IO[bytes], start: int, shift: int) -> Iterator[tuple[int, Member]]:
    """Read records from a place on, each with its place, to the end of the directory."""
    file.seek(start)
    while True:
        head = file.read(_RECORD.size)
        if len(head) < _RECORD.size or not head.startswith(b"PK\1\2"):
            if not head.startswith((b"PK\5\6", b"PK\6\6", b"PK\5\5")):
                raise damaged("zip archive", "its directory breaks off")
            return
        _, flags, method, checksum, compressed, size, name_size, extra_size, comment, offset = _RECORD.unpack(head)
        rest = file.read(name_size + extra_size + comment)
        name = rest[:name_size].decode("utf-8" if flags & UTF8 else "cp437", "replace")
        if FULL in (compressed, size, offset):
            size, compressed, offset = _large(rest[name_size : name_size + extra_size], size, compressed, offset)
        yield start, Member(name, flags, method, checksum, compressed, size, offset + shift)
        start += len(head) + len(rest)


def _large(extra: bytes, *values: int) -> Iterator[int]:
    """Take values that are too large for their fields out of the ZIP64 extra field."""
    numbers: Iterator[tuple[int]] = iter(())
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1:
            numbers = struct.iter_unpack("<Q", extra[4 : 4 + length // 8 * 8])
        extra = extra[4 + length :]
    for value in values:
        yield next(numbers, (value,))[0] if value == FULL else value


def _content(file: IO[bytes], member: Member, most: int) -> bytes:
    """Read a member.

    Raises:
        RequestError: it is too large, encrypted, damaged, or compressed in a way that is not read.
    """
    if member.flags & ENCRYPTED:
        raise UnusableInput("encrypted_file", "The member is encrypted; unpack the archive with its password.")
    if max(member.size, member.compressed) > most:
        raise too_large(max(member.size, member.compressed), most)
    file.seek(member.offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\3\4"):
        raise damaged("zip archive", "a member is not where its directory says")
    _, name_size, extra_size = _LOCAL.unpack(head)
    file.seek(name_size + extra_size, 1)
    content = _decompressed(file.read(member.compressed), member)
    if len(content) != member.size or zlib.crc32(content) != member.checksum:
        raise damaged("zip archive", "a member's content does not fit its checksum")
    return content


def _decompressed(data: bytes, member: Member) -> bytes:
    """Decompress a member to as many bytes as it says it has, whatever it would become."""
    try:
        if member.method == STORED:
            return data
        if member.method == DEFLATED:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.size) if member.size else b""
        if member.method == BZIP2:
            return bz2.BZ2Decompressor().decompress(data, member.size)
        if member.method == LZMA:
            (properties,) = struct.unpack_from("<2xH", data)
            chain = lzma._decode_filter_properties(lzma.FILTER_LZMA1, data[4 : 4 + properties])  # type: ignore[attr-defined]
            return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain]).decompress(
                data[4 + properties :], member.size
            )
    except (zlib.error, OSError, EOFError, lzma.LZMAError, struct.error, ValueError) as error:
        raise damaged("zip archive", error) from error
    raise UnusableInput(
        "unsupported_archive", f"The member is compressed by method {member.method}; pack it again with deflate."
    )
