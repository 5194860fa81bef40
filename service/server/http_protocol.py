"""HTTP/1.1 on one connection: each whole request is answered in its turn.

A light prediction, and what `health` knows, is answered in the call that received its last byte. Everything else is
answered by a pool of threads. Meanwhile the client's further requests wait, and nothing more is read.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic, perf_counter

from models.errors import RequestError
from service import health
from service.errors import deadline_exceeded
from service.protocols.registry import find, shapes
from service.protocols.response import Response
from service.server.balance import Balance
from service.server.dispatcher import Dispatcher, Work
from service.server.http_response import CONTINUE, to_bytes
from service.server.loop_turns import LoopTurns
from service.server.received import Received
from service.server.request_reader import RequestReader
from service.services import Services

KEEP_ALIVE = 5.0
"""Seconds that a connection may idle."""
DRAIN_IDLE = 1.0
"""Seconds that a connection may idle while the worker stops: a request may be on its way."""
LINGER = 2.0
"""Seconds that a client may take to close after the last response."""
UNIX_PEER = "127.0.0.1"
"""Address that who connects to a Unix socket counts by: it is a process of this machine."""
UNREAD = 30.0
"""Seconds that a client may leave responses unread."""


@dataclass(slots=True)
class Context:
    """What the connections of a worker share.

    Attributes:
        services: long-lived objects.
        dispatcher: answers requests.
        balance: counts connections.
        turns: divides the event loop's time among the connections.
        connections: those that are open.
        draining: whether the worker is about to stop, so that each response ends its connection.
    """

    services: Services
    dispatcher: Dispatcher
    balance: Balance
    turns: LoopTurns = field(default_factory=LoopTurns)
    connections: set[HttpProtocol] = field(default_factory=set)
    draining: bool = False


class HttpProtocol(asyncio.Protocol):
    """One connection.

    Args:
        context: shared with the worker's other connections.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._services = context.services
        self._waiting: deque[Received] = deque()
        self._task: asyncio.Task[None] | None = None
        self._arrived = 0  # requests in the bytes received last
        self._ended = False  # the client sends no more
        self._unread = False  # the client does not read its responses
        self._paused = False  # nothing is read
        self._reading_on = False  # the reader's `unfed` is its own in the next turn
        self._lingering = False  # nothing more is sent
        self._since = monotonic()  # when the connection began to idle, to be unread, or to linger

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read and to count the connection."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        self._reader = RequestReader(
            self._services,
            str(peer[0]) if isinstance(peer, tuple) else UNIX_PEER,
            self._receive,
            self._send_continue,
            self._is_free,
            self._context.turns.may_read_on,
        )
        self._context.connections.add(self)
        self._remaining = self._context.balance.opened()

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the requests that nobody waits for."""
        self._context.connections.discard(self)
        self._context.balance.closed()
        self._reader.close()
        if self._task:
            self._task.cancel()
        self._drop_waiting()

    def data_received(self, data: bytes) -> None:
        """Read on; what becomes whole is answered at once."""
        self._arrived = 0
        self._reader.feed(data)
        if self._reader.unfed:
            self._read_or_wait()

    def eof_received(self) -> bool:
        """Stay open for the responses that are due."""
        self._ended = True
        return self._task is not None or bool(self._waiting or self._reader.unfed)

    def pause_writing(self) -> None:
        """Answer no more until the client reads."""
        self._unread = True
        self._since = monotonic()

    def resume_writing(self) -> None:
        """Go on answering."""
        self._unread = False
        self._since = monotonic()
        self._advance()

    # The worker calls these.

    def expire(self, now: float) -> None:
        """End the connection if its client is too slow.

        Args:
            now: by the monotonic clock.
        """
        seconds = now - self._since
        if self._unread:
            if seconds > UNREAD:
                self._transport.abort()
        elif self._task or self._waiting:
            return
        elif self._lingering:
            if seconds > LINGER:
                self._transport.abort()
        elif self._reader.receiving:
            if self._reader.is_late(now):
                self._reader.refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif seconds > (DRAIN_IDLE if self._context.draining else KEEP_ALIVE):
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    # The reader calls these.

    def _receive(self, received: Received) -> None:
        """Answer a request, or let it wait for its turn."""
        self._arrived += 1
        if self._arrived > 1:  # the client pipelines: it would lose requests if its connection ended among them
            self._remaining = sys.maxsize
        if self._task or self._waiting or self._unread:
            self._waiting.append(received)
            self._pause()
        elif self._context.turns.admit(self._advance):
            self._answer(received)
        else:
            self._waiting.append(received)

    def _send_continue(self) -> None:
        if not self._task and not self._waiting:
            self._transport.write(CONTINUE)

    # Answering.

    def _advance(self) -> None:
        """Answer the requests that wait, as far as their turn has come."""
        while self._waiting and not self._task and not self._unread:
            if not self._context.turns.admit(self._advance):
                return
            self._answer(self._waiting.popleft())
        self._read_or_wait()

    def _is_free(self) -> bool:
        """Whether a further request could be answered."""
        return not (self._waiting or self._task or self._unread)

    def _read_or_wait(self) -> None:
        """Read on as soon as a further request could be answered: first what is left, in turns of the loop."""
        if self._is_free() and not self._reader.unfed:
            self._resume()
            return
        self._pause()
        if self._is_free() and not self._reading_on:
            self._reading_on = True
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        self._reading_on = False
        if self._is_free():
            self._reader.feed(b"")
            self._read_or_wait()

    def _pause(self) -> None:
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def _answer(self, received: Received) -> None:
        """Answer a request, now or by a pool."""
        began = perf_counter()
        outcome: Response | Work | None = received.refusal
        if outcome is None:
            assert received.request is not None, "what could not be parsed is refused"
            outcome = self._context.dispatcher.dispatch(received.request)
        if isinstance(outcome, Response):
            self._respond(received, outcome, began)
        else:
            self._task = asyncio.get_running_loop().create_task(self._await(outcome, received, began))

    async def _await(self, work: Work, received: Received, began: float) -> None:
        """Answer a request by a pool; its body is held until the work has ended."""

        def ended(cancelled: bool) -> None:
            received.release(self._services.admission)
            if cancelled and work.cancel:
                work.cancel()

        request = received.request
        assert request is not None, "only whole requests are run"
        shape = shapes(request.path)
        try:
            response = await work.pool.run(work.call, ended)
        except TimeoutError:
            response = shape.refuse(deadline_exceeded(self._services.config.deadline_seconds), request.id)
        except RequestError as error:
            response = shape.refuse(error, request.id)
        except Exception:
            response = shape.fail(request.id)
        self._task = None
        self._respond(received._replace(held=0), response, began)
        self._advance()

    def _respond(self, received: Received, response: Response, began: float) -> None:
        """Send a response, and end the connection with it if it is the last."""
        request = received.request
        if self._services.origins and request and not response.observed:
            more = self._services.origins.headers(request.header(b"origin"), response.headers.get("Vary", ""))
            response = response._replace(headers=response.headers | more)
        self._remaining -= 1
        last = received.last or self._context.draining or (not self._waiting and (self._ended or self._remaining <= 0))
        self._transport.write(to_bytes(response, request, last))
        if received.held:
            received.release(self._services.admission)
        if request is None:
            self._services.observer.request("_OTHER", "none", response.status, response.reason, 0.0, "", None)
        elif not response.observed:
            endpoint = find(request.path) if request.method == "POST" else None
            route = endpoint.route if endpoint else health.route(request.path) or "none"
            seconds = perf_counter() - began
            self._services.observer.request(
                request.method, route, response.status, response.reason, seconds, request.id, request.trace
            )
        self._since = monotonic()
        if last:
            self._linger()

    def _linger(self) -> None:
        """Send no more, and drop what comes until the client closes: an immediate close would reset the connection, and
        a client that is still sending would lose the response (RFC 9112, section 9.6)."""
        self._lingering = True
        self._reader.close()
        self._drop_waiting()
        if self._ended:
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write_eof()
            self._resume()

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._waiting.popleft().release(self._services.admission)
