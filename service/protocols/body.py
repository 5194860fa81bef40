"""The body of a request: a small one in memory, a larger one in a file without a name, outside the worker's memory."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO, FileIO
from typing import BinaryIO

from service.errors import overloaded

LIGHT_BYTES = 1 << 16
"""Size above which a body is kept in a file, and is parsed where other requests need not wait for it."""

MANY_PIECES = 256
"""Number of pieces that are joined: a piece of a few bytes takes forty in memory."""


class Body:
    """Bytes that are appended as they arrive.

    A file in memory is no part of the worker's own memory, and another process can be handed its descriptor.

    Args:
        whole: all bytes, which stay in memory until `file` is called; none if they are going to be appended.

    Attributes:
        size: bytes so far.
    """

    __slots__ = ("_file", "_pieces", "_unwritten", "size")

    def __init__(self, whole: bytes = b"") -> None:
        self.size = self._unwritten = len(whole)
        self._pieces = [whole] if whole else []
        self._file: _File | None = None

    def append(self, piece: bytes) -> None:
        """Add bytes at the end.

        Raises:
            Overloaded: there is no descriptor or no room for the file.
        """
        self.size += len(piece)
        self._unwritten += len(piece)
        self._pieces.append(piece)
        if self._unwritten > LIGHT_BYTES:
            self._spill()
        elif len(self._pieces) > MANY_PIECES:
            self._join()

    def _spill(self) -> None:
        """Move the pieces into the file."""
        try:
            if self._file is None:
                self._file = _File(_open(), "r+")
            _write(self._file, self._join())
        except OSError:
            self.close()
            raise overloaded() from None
        self._pieces.clear()
        self._unwritten = 0

    def _join(self) -> bytes:
        """Join the pieces in memory."""
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""

    def data(self) -> bytes:
        """Return all bytes; of a file they are read, which an event loop must leave to a thread.

        Raises:
            Overloaded: there is no room for the file.
        """
        if self._file is None:
            return self._pieces[0] if len(self._pieces) == 1 else self._join()
        if self._pieces:
            self._spill()
        return os.pread(self._file.fileno(), self.size, 0)

    def file(self) -> int | None:
        """Return the descriptor of a large body's file, to be read by position; None for a small body.

        Raises:
            Overloaded: there is no descriptor or no room for the file.
        """
        if self._pieces and self.size > LIGHT_BYTES:
            self._spill()
        return None if self._file is None else self._file.fileno()

    def stream(self) -> BinaryIO:
        """Return a file to read the bytes from."""
        if self._file is None or (descriptor := self.file()) is None:
            return BytesIO(self.data())
        stream = os.fdopen(os.dup(descriptor), "rb")
        stream.seek(0)
        return stream

    def close(self) -> None:
        """Let the bytes go."""
        self.size = self._unwritten = 0
        self._pieces.clear()
        if self._file is not None:
            self._file.close()
            self._file = None


class _File(FileIO):
    """A file that is closed once nobody refers to it."""

    def __del__(self) -> None:
        self.close()


def _open() -> int:
    """Open a file without a name, in memory where the system has that."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("body")
    descriptor, path = tempfile.mkstemp()
    os.unlink(path)
    return descriptor


def _write(file: FileIO, piece: bytes) -> None:
    """Write all of a piece: a file that is full takes a part, and raises at the next."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]
