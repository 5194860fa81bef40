"""One HTTP connection of an honest client, and the worker that serves it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.service.steady import until

PATIENCE = 60
"""Seconds to wait for an answer, however slow the machine is."""


class Reply(NamedTuple):
    """An answer; the status is 0 if there was none, and the body then says why.

    Attributes:
        port: the client's, by which the worker that served it is found.
    """

    status: int
    content_type: str
    body: bytes
    port: int


class Connection:
    """Sends one request after another, and connects again when the server has closed.

    Args:
        host: of the service.
        port: of the service.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._port = 0

    async def ask(self, request: bytes) -> Reply:
        """Send a request and read its answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(request)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self.close()
            return Reply(0, "", repr(error).encode(), self._port)

    def close(self) -> None:
        """Close."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, request: bytes) -> Reply:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
            self._port = self._streams[1].get_extra_info("sockname")[1]
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return Reply(int(head[0].split()[1]), headers.get("content-type", ""), body, self._port)


def request(method: str, path: str, key: str, content_type: str = "", body: bytes = b"", close: bool = False) -> bytes:
    """Write a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n"
    head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n" if body else ""
    return (head + ("Connection: close\r\n" if close else "") + "\r\n").encode() + body


class Kill(NamedTuple):
    """A worker's death.

    Attributes:
        began: when it was killed, by the monotonic clock.
        ended: when its connections had ended.
        clients: their ports.
    """

    began: float
    ended: float
    clients: set[int]

    def excuses(self, port: int, sent: float, failed: float) -> bool:
        """Whether a request was in the worker when it died."""
        return port in self.clients and sent < self.ended and failed > self.began


def kill(worker: int, port: int) -> Kill:
    """Kill a worker with -9.

    It is stopped first, so that its connections can be listed while it takes no other. Every thread counts: its
    connections end with the last one, up to 30 ms after the first thread is a zombie.

    Args:
        worker: its process id.
        port: on which it listens.
    """
    os.kill(worker, signal.SIGSTOP)
    until(lambda: _states(worker) == {"T"})
    clients, began = _clients(worker, port), time.monotonic()
    os.kill(worker, signal.SIGKILL)
    until(lambda: _states(worker) <= {"Z"})
    return Kill(began, time.monotonic(), clients)


def _states(process: int) -> set[str]:
    """Return the letters of the states of a process's threads; none if it is no more."""
    states = set()
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with suppress(OSError):
                states.add(Path(f"/proc/{process}/task/{thread}/stat").read_text().rpartition(")")[2].split()[0])
    return states


def _clients(worker: int, port: int) -> set[int]:
    sockets = set()
    for descriptor in Path(f"/proc/{worker}/fd").iterdir():
        with suppress(OSError):
            sockets.add(os.readlink(descriptor))
    rows = [line.split() for line in Path(f"/proc/{worker}/net/tcp").read_text().splitlines()[1:]]
    return {
        int(row[2].partition(":")[2], 16)
        for row in rows
        if int(row[1].partition(":")[2], 16) == port and f"socket:[{row[9]}]" in sockets
    }
