"""A gunicorn worker that runs an event loop with one HttpProtocol a connection."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from time import monotonic
from typing import Any

import uvloop
from gunicorn.workers.base import Worker as BaseWorker

from service.server.balance import Balance
from service.server.dispatcher import Dispatcher
from service.server.http_protocol import Context, HttpProtocol
from service.services import Services

TICK = 1.0
"""Seconds between two looks at the clock: heartbeat, slow clients, and whether the master is still there."""
POLITENESS = 0.001
"""Seconds that a worker with more connections than another leaves the next one to that."""
EXHAUSTED = 0.1
"""Seconds to wait before accepting again when there are no more file descriptors."""
SWITCH = 0.001
"""Seconds after which a thread that computes lets the event loop go on."""
STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class Worker(BaseWorker):
    """Serves until told to stop."""

    def init_signals(self) -> None:
        """Hold the signals that stop the worker until its event loop can hear them: uvloop would lose them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
        for name in self.SIGNALS:
            signal.signal(name, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGABRT, self.handle_abort)
        signal.signal(signal.SIGWINCH, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, self.handle_usr1)
        signal.siginterrupt(signal.SIGUSR1, False)

    def run(self) -> None:
        """Serve. Objects loaded before are frozen, so that the garbage collector skips them."""
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(SWITCH)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loaded: Any = self.wsgi  # what Server.load returned
        services: Services = loaded[0]
        dispatcher = Dispatcher(services, loaded[1])
        self._context = Context(services, dispatcher, Balance(services.metrics.counters, services.metrics.slot))
        self._stopped = asyncio.Event()
        self._quick = False
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        loop.add_signal_handler(signal.SIGINT, self._stop_quickly)
        loop.add_signal_handler(signal.SIGQUIT, self._stop_quickly)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
        services.start()
        listeners: list[Any] = self.sockets  # gunicorn's wrappers
        acceptors = [Acceptor(listener.sock, self._context) for listener in listeners]
        while self.alive and not self._stopped.is_set():
            self._tick()
            await self._wait(TICK)
        for acceptor in acceptors:
            acceptor.close()
        await self._drain()
        dispatcher.close()
        await asyncio.to_thread(services.close)

    def _tick(self) -> None:
        self.notify()
        now = monotonic()
        for connection in tuple(self._context.connections):
            connection.expire(now)
        if self.ppid != os.getppid():
            self.log.info("Parent changed, shutting down: %s", self)
            self._stop()

    def _stop(self) -> None:
        """Finish what is in progress, and say that this worker is not ready for more."""
        self._context.draining = self._context.services.health.draining = True
        self._stopped.set()

    def _stop_quickly(self) -> None:
        self._quick = True
        self._stop()

    async def _drain(self) -> None:
        """Wait for the responses that are due, and for idle connections to end: a request may be on its way."""
        until = monotonic() + (0 if self._quick else self.cfg.graceful_timeout)
        while self._context.connections and monotonic() < until and not self._quick:
            self._tick()
            await asyncio.sleep(0.05)
        for connection in tuple(self._context.connections):
            connection.abort()

    async def _wait(self, seconds: float) -> None:
        """Wait, or until told to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return


class Acceptor:
    """Takes one connection at a time from a listening socket.

    uvloop would accept all that wait, so that one of two workers got all 16 connections of a client. A worker with more
    connections than another waits a little, so that the other accepts first.

    Args:
        listener: listening socket, which workers share.
        context: of the connections.
    """

    def __init__(self, listener: socket.socket, context: Context) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()
        self._polite = False
        listener.setblocking(False)
        self._open()

    def close(self) -> None:
        """Accept no more."""
        self._loop.remove_reader(self._listener)
        self._listener.close()

    def _open(self) -> None:
        if self._listener.fileno() >= 0:
            self._loop.add_reader(self._listener, self._accept)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._loop.call_later(seconds, self._open)

    def _accept(self) -> None:
        if not self._polite and self._context.balance.is_ahead():
            self._polite = True
            self._pause(POLITENESS)
            return
        self._polite = False
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:  # another worker was faster
            return
        except OSError:
            self._pause(EXHAUSTED)
            return
        connection.setblocking(False)
        task = self._loop.create_task(self._connect(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, connection: socket.socket) -> None:
        await self._loop.connect_accepted_socket(lambda: HttpProtocol(self._context), connection)
