"""Messages between a worker and its processes: JSON and bytes, since what a process sends is not to be trusted."""

from __future__ import annotations

import os
import socket
import struct
from time import perf_counter
from typing import Any, NamedTuple

import orjson

_SIZES = struct.Struct("<QQ")


class BadMessage(Exception):
    """The other side has ended, or sends what is no message."""


class Message(NamedTuple):
    """What is sent.

    Attributes:
        document: JSON.
        data: bytes beside it.
    """

    document: dict[str, Any]
    data: bytes = b""


def send(to: socket.socket, message: Message, file: int | None = None, until: float | None = None) -> None:
    """Send a message, and a file's descriptor with it.

    Raises:
        TimeoutError: it is not received in time; `until` is as for `receive`.
    """
    _wait(to, until)
    document = orjson.dumps(message.document)
    head = _SIZES.pack(len(document), len(message.data)) + document
    socket.send_fds(to, [head[: _SIZES.size]], [] if file is None else [file])
    to.sendall(head[_SIZES.size :] + message.data)


def receive(source: socket.socket, most: int, until: float | None = None) -> tuple[Message, int | None]:
    """Receive a message and, if one came with it, a file's descriptor.

    Args:
        source: where it comes from.
        most: bytes of the message, at most.
        until: when to stop waiting, by `perf_counter`; None to wait for ever.

    Raises:
        BadMessage: the other side has ended, or the message is too long or no JSON.
        TimeoutError: it is not whole in time.
    """
    _wait(source, until)
    try:
        head, descriptors, _, _ = socket.recv_fds(source, _SIZES.size, 1)
        if len(head) < _SIZES.size:
            raise BadMessage("the process has ended")
        document_size, data_size = _SIZES.unpack(head)
        if document_size + data_size > most:
            raise BadMessage(f"{document_size} and {data_size} bytes")
        content = memoryview(_receive_exactly(source, document_size + data_size, until))
        return Message(orjson.loads(content[:document_size]), bytes(content[document_size:])), _first(descriptors)
    except (ConnectionError, orjson.JSONDecodeError) as error:
        raise BadMessage(str(error)) from error


def _receive_exactly(source: socket.socket, size: int, until: float | None) -> bytearray:
    received = bytearray(size)
    view = memoryview(received)
    while view:
        _wait(source, until)
        count = source.recv_into(view)
        if not count:
            raise BadMessage("the process has ended")
        view = view[count:]
    return received


def _wait(source: socket.socket, until: float | None) -> None:
    if until is not None:
        source.settimeout(max(until - perf_counter(), 1e-6))


def _first(descriptors: list[int]) -> int | None:
    for extra in descriptors[1:]:
        os.close(extra)
    return descriptors[0] if descriptors else None
