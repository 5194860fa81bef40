"""gunicorn's ASGI worker, with connections shared out evenly.

uvloop's own servers accept all that wait at once, so one worker may take every connection that a client opens together:
of 16, measured, all 16, while the other worker idled. Here a worker takes one a turn of its loop, and a busy one fewer.
The connections are `connection.Connection`s. Everything else is gunicorn's.
"""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import uvloop
from gunicorn.workers.gasgi import ASGIWorker

from service.server.connection import Connection


class Worker(ASGIWorker):
    """A worker whose loop takes one connection at a time."""

    def _setup_event_loop(self) -> None:
        self.loop = Loop(partial(Connection, self))
        asyncio.set_event_loop(self.loop)

    def run(self) -> None:
        """Serve until told to stop; what is loaded by now lives as long, so the garbage collector may pass it by."""
        gc.collect()
        gc.freeze()
        super().run()


class Loop(uvloop.Loop):
    """uvloop, with servers that are fair to other processes on the same socket.

    Args:
        connect: makes a connection's protocol, in place of gunicorn's own.
    """

    def __init__(self, connect: Callable[[], asyncio.Protocol]) -> None:
        super().__init__()
        self._connect = connect

    async def create_server(  # type: ignore[override]  # gunicorn calls it with these
        self, protocol_factory: Callable[[], Any], *, sock: socket.socket, ssl: Any = None, **options: Any
    ) -> Acceptor:
        """Accept on a listening socket."""
        return Acceptor(self, self._connect, sock, ssl)


class Acceptor:
    """Takes one connection from a listening socket each time that the loop finds one waiting.

    Args:
        loop: that runs the connections.
        protocol_factory: makes a connection's protocol.
        sock: listening.
        ssl: None, or the context of TLS.
    """

    def __init__(self, loop: Loop, protocol_factory: Callable[[], Any], sock: socket.socket, ssl: Any) -> None:
        self._loop = loop
        self._protocol_factory = protocol_factory
        self._socket = sock
        self._ssl = ssl
        self._starting: set[asyncio.Task[Any]] = set()
        sock.setblocking(False)
        loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Take no more."""
        self._loop.remove_reader(self._socket)

    async def wait_closed(self) -> None:
        """Until the connections that were taken are in the hands of their protocols."""
        await asyncio.gather(*self._starting, return_exceptions=True)

    def _accept(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError:  # another worker was faster, the client is gone, or there are no more descriptors
            return
        connection.setblocking(False)
        handing_over = self._loop.connect_accepted_socket(self._protocol_factory, connection, ssl=self._ssl)
        task = self._loop.create_task(handing_over)
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
