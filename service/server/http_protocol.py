"""HTTP/1.1 on one connection: llhttp parses, and each whole request is answered in its turn.

A light prediction, and what `health` knows, is answered in the call that received its last byte. A heavy prediction
runs in one pool of threads, everything else in Flask in another. Meanwhile the client's further requests wait, and
nothing more is read.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from time import monotonic, perf_counter
from typing import NamedTuple
from urllib.parse import unquote
from wsgiref.types import WSGIApplication

import httptools

from models.errors import RequestError
from service import health
from service.errors import body_too_large, deadline_exceeded
from service.pipeline import LIGHT_BYTES, Prepared
from service.protocols.registry import find, shapes
from service.protocols.request import Request
from service.protocols.response import PROBLEM, Response, json_response, problem_document
from service.server import wsgi_bridge
from service.server.balance import Balance
from service.server.http_response import to_bytes
from service.server.pools import Pool
from service.services import Services

MAX_LINE = 8190
"""Bytes of a URL or of one header, at most."""
MAX_HEADERS = 100
MAX_HEAD = 1 << 16
"""Bytes of a head, at most."""
MAX_DROPPED = 64 << 20
"""Bytes of a refused body that are read and dropped, so that its sender gets to see the response."""
KEEP_ALIVE = 5.0
"""Seconds that a connection may idle, and that a head may take."""
DRAIN_IDLE = 1.0
"""Seconds that a connection may idle while the worker stops: a request may be on its way."""
LINGER = 2.0
"""Seconds that a client may take to close after the last response."""
GRACE = 30.0
"""Seconds that a body may take however slow it is, and that a client may leave responses unread."""
MIN_RATE = 1000.0
"""Bytes a second of a body, on average, once GRACE is over."""

_HOST = re.compile(rb"[A-Za-z0-9._~%!$&'()*+,;=-]*(?::[0-9]{0,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{0,5})?")
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_DETAILS = {
    HTTPStatus.REQUEST_TIMEOUT: "The request did not arrive in time; send it again, faster.",
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The URL is over {MAX_LINE:,} bytes; send the data in the body.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"The headers are too large; send at most {MAX_HEADERS}, each of at most {MAX_LINE:,} bytes."
    ),
    HTTPStatus.EXPECTATION_FAILED: "The only expectation that is met is 100-continue.",
    HTTPStatus.NOT_IMPLEMENTED: "The only transfer coding that is read is chunked.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This is no proxy; send GET or POST.",
}


@dataclass(slots=True)
class Context:
    """What the connections of a worker share.

    Attributes:
        services: long-lived objects.
        app: answers what is neither a prediction nor a probe.
        heavy: pool of heavy predictions.
        pages: pool of `app`.
        balance: counts connections.
        connections: those that are open.
        draining: whether the worker is about to stop, so that each response ends its connection.
    """

    services: Services
    app: WSGIApplication
    heavy: Pool
    pages: Pool
    balance: Balance
    connections: set[HttpProtocol] = field(default_factory=set)
    draining: bool = False


class Received(NamedTuple):
    """A request that is received, or the refusal of one that is not going to be.

    Attributes:
        request: None if it could not be parsed.
        refusal: the response, if it is decided already.
        last: whether the connection ends with the response.
        held: bytes that admission holds for the body.
    """

    request: Request | None
    refusal: Response | None
    last: bool
    held: int


class BadRequest(Exception):
    """The request must not be read on; the connection ends with the response."""

    def __init__(self, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(status.phrase)
        self.status = status


class HttpProtocol(asyncio.Protocol):
    """One connection.

    Args:
        context: shared with the worker's other connections.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._services = context.services
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Received] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False  # no further request is read
        self._ended = False  # the client sends no more
        self._unread = False  # the client does not read its responses
        self._paused = False
        self._lingering = False  # nothing more is sent
        self._receiving = False
        self._since = monotonic()  # when the connection began to idle, to receive a request, or to be unread
        self._resuming = False  # the parser is fed the head of `_resume_body`
        self._begin()

    def _begin(self) -> None:
        """Begin a request."""
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._header_count = 0
        self._head_size = 0
        self._in_head = True
        self._upgrading = False
        self._body: list[bytes] = []
        self._held = 0
        self._dropped = 0
        self._request: Request | None = None
        self._refusal: Response | None = None

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to count the connection."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple) else ""
        self._context.connections.add(self)
        self._context.balance.opened()

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the requests that nobody waits for."""
        self._closing = True
        self._context.connections.discard(self)
        self._context.balance.closed()
        if self._task:
            self._task.cancel()
        self._services.admission.drop(self._held + sum(received.held for received in self._queue))
        self._held = 0
        self._queue.clear()

    def data_received(self, data: bytes) -> None:
        """Parse what came. The parser calls the methods below, which answer what is whole."""
        if self._closing:
            return
        headers = self._headers
        try:
            self._feed(data)
            if self._in_head and self._headers is headers:  # the head began before these bytes and goes on after them
                self._head_size += len(data)
                if self._head_size > MAX_HEAD:
                    raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except BadRequest as error:
            self._refuse(error.status)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if not isinstance(cause, BadRequest):
                raise
            self._refuse(cause.status)
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST)

    def eof_received(self) -> bool:
        """Stay open for the responses that are due."""
        self._ended = True
        return self._task is not None or bool(self._queue)

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
            if seconds > GRACE:
                self._transport.abort()
        elif self._task or self._queue:
            return
        elif self._lingering:
            if seconds > LINGER:
                self._transport.abort()
        elif not self._receiving:
            if seconds > (DRAIN_IDLE if self._context.draining else KEEP_ALIVE):
                self._transport.close()
        elif seconds > (KEEP_ALIVE if self._in_head else GRACE + (self._held + self._dropped) / MIN_RATE):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    # The parser calls these.

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self._resuming:
            return
        self._begin()
        self._receiving = True
        self._since = monotonic()

    def on_url(self, url: bytes) -> None:
        """Collect the target, which may come in pieces."""
        if self._resuming:
            return
        self._url += url
        if len(self._url) > MAX_LINE:
            raise BadRequest(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header. A trailer must not pass for one, nor a name with `_` for the one with `-` under WSGI."""
        if not self._in_head or b"_" in name:
            return
        self._header_count += 1
        if self._header_count > MAX_HEADERS or len(name) + len(value) > MAX_LINE:
            raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        name = name.lower()
        if name not in self._headers:
            self._headers[name] = value
        elif name == b"host":
            raise BadRequest
        else:
            self._headers[name] += b", " + value

    def on_headers_complete(self) -> None:
        """Check the head, and refuse a body that need not be read."""
        if self._resuming:
            return
        self._in_head = False
        if self._parser.get_method() == b"CONNECT":
            raise BadRequest(HTTPStatus.METHOD_NOT_ALLOWED)
        headers = self._headers
        host = headers.get(b"host")
        if host is None and self._parser.get_http_version() != "1.0":
            raise BadRequest
        if host is not None and not _HOST.fullmatch(host):
            raise BadRequest
        coding = headers.get(b"transfer-encoding")
        if coding is not None and coding.lower() != b"chunked":
            raise BadRequest(HTTPStatus.BAD_REQUEST if b"chunked" in coding.lower() else HTTPStatus.NOT_IMPLEMENTED)
        size = int(headers.get(b"content-length", b"0"))
        self._upgrading = self._parser.should_upgrade() and (size > 0 or coding is not None)
        if size > LIGHT_BYTES or coding is not None:
            self._check(size)
        if b"expect" in headers:
            self._expect(headers[b"expect"])

    def on_body(self, body: bytes) -> None:
        """Collect a piece of the body; drop it if the request is refused."""
        if self._refusal is None:
            try:
                if self._held + len(body) > self._services.config.max_bytes:
                    raise body_too_large(self._services.config.max_bytes)
                self._services.admission.hold(len(body))
                self._held += len(body)
                self._body.append(body)
                return
            except RequestError as error:
                self._refuse_body(error)
        self._dropped += len(body)
        if self._dropped > MAX_DROPPED and not self._closing:
            self._receive(last=True)

    def on_message_complete(self) -> None:
        """Answer the request, or let it wait for its turn."""
        if not self._closing and not self._upgrading:
            self._receive(last=not self._parser.should_keep_alive())

    # Receiving.

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser = httptools.HttpRequestParser(self)
            if self._upgrading:
                self._resume_body()
            if rest := data[upgrade.args[0] :]:
                self._feed(rest)

    def _resume_body(self) -> None:
        """Have a new parser read the body of a request with `Upgrade`.

        llhttp leaves that body to another protocol. This server changes to none, and Java's client sends `Upgrade: h2c`
        by default.
        """
        framing = b"Transfer-Encoding: chunked"
        if b"content-length" in self._headers:
            framing = b"Content-Length: " + self._headers[b"content-length"]
        self._upgrading = False
        self._resuming = True
        self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
        self._resuming = False

    def _check(self, size: int) -> None:
        """Refuse a request by its head, if that is enough."""
        request = self._request = self._build()
        try:
            if request.method == "POST" and find(request.path):
                self._services.pipeline.check(request, size)
            elif size > self._services.config.max_bytes:
                raise body_too_large(self._services.config.max_bytes)
        except RequestError as error:
            self._refuse_body(error)

    def _refuse_body(self, error: RequestError) -> None:
        """Refuse a request whose body is not going to be read."""
        request = self._request = self._request or self._build()
        self._refusal = shapes(request.path).refuse(error, request.id)
        self._services.admission.drop(self._held)
        self._held = 0
        self._body.clear()

    def _expect(self, expectation: bytes) -> None:
        if expectation.lower() != b"100-continue":
            raise BadRequest(HTTPStatus.EXPECTATION_FAILED)
        if self._refusal:
            self._receive(last=True)  # the client has not begun to send the body
        elif not self._task and not self._queue:
            self._transport.write(_CONTINUE)

    def _refuse(self, status: HTTPStatus) -> None:
        """End the connection, after the responses that are due, with an error."""
        if self._closing:
            return
        self._services.admission.drop(self._held)
        self._held = 0
        reason = status.name.lower()
        detail = _DETAILS.get(status, "The bytes are not a valid HTTP/1.1 request.")
        refusal = json_response(problem_document(status, reason, detail, ""), status, reason)._replace(headers=PROBLEM)
        self._closing = True
        self._queue.append(Received(None, refusal, last=True, held=0))
        self._advance()

    def _receive(self, last: bool) -> None:
        """Take in the request that is received."""
        request = self._request or self._build()
        request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        received = Received(request, self._refusal, last, self._held)
        self._body = []
        self._held = 0
        self._receiving = False
        self._closing = last
        if self._task or self._queue or self._unread:
            self._queue.append(received)
            self._pause()
        else:
            self._answer(received)

    def _build(self) -> Request:
        target, _, query = self._url.partition(b"#")[0].partition(b"?")
        if not target.startswith(b"/"):  # the absolute form, which proxies send, or *
            target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
        path = target.decode("latin-1")
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            path=unquote(path) if "%" in path else path,
            query_string=query,
            headers=self._headers,
            peer=self._peer,
        )
        request.trace = self._services.observer.trace(request.header(b"traceparent"), request.header(b"tracestate"))
        return request

    # Answering.

    def _advance(self) -> None:
        """Answer the requests that wait, as far as their turn has come."""
        while self._queue and not self._task and not self._unread:
            self._answer(self._queue.popleft())
        if self._queue or self._task or self._unread:
            self._pause()
        elif self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def _pause(self) -> None:
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def _answer(self, received: Received) -> None:
        """Answer a request, now or by a pool."""
        began = perf_counter()
        request = received.request
        if request is None or received.refusal:
            assert received.refusal is not None, "what could not be parsed is refused"
            self._respond(received, received.refusal, began)
        elif request.method == "POST" and (endpoint := find(request.path)):
            prepared = self._services.pipeline.prepare(request, endpoint)
            if not isinstance(prepared, Prepared):
                self._respond(received, prepared, began)
            elif prepared.light:
                self._respond(received, self._services.pipeline.complete(prepared), began)
            else:
                work = partial(self._services.pipeline.complete, prepared)
                self._run(self._context.heavy, work, self._services.pipeline.cancel, received, began)
        elif request.method in ("GET", "HEAD") and health.route(request.path):
            self._respond(received, self._services.health.respond(request), began)
        else:
            self._run(self._context.pages, partial(wsgi_bridge.call, self._context.app, request), None, received, began)

    def _run(
        self,
        pool: Pool,
        work: Callable[[], Response],
        cancel: Callable[[], None] | None,
        received: Received,
        began: float,
    ) -> None:
        """Answer a request by a pool; the bytes of its body are held until its work has ended."""

        def ended(cancelled: bool) -> None:
            self._services.admission.drop(received.held)
            if cancelled and cancel:
                cancel()

        self._task = asyncio.get_running_loop().create_task(self._await(pool, work, ended, received, began))

    async def _await(
        self,
        pool: Pool,
        work: Callable[[], Response],
        ended: Callable[[bool], None],
        received: Received,
        began: float,
    ) -> None:
        request = received.request
        assert request is not None, "only whole requests are run"
        shape = shapes(request.path)
        try:
            response = await pool.run(work, ended)
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
        last = (
            received.last
            or self._context.draining
            or (not self._queue and (self._ended or self._context.balance.should_close()))
        )
        self._transport.write(to_bytes(response, request, last))
        if received.held:
            self._services.admission.drop(received.held)
        if request is None:
            self._services.observer.request("_OTHER", "none", response.status, response.reason, 0.0, "", None)
        elif not response.observed:
            endpoint = find(request.path) if request.method == "POST" else None
            route = endpoint.route if endpoint else health.route(request.path) or "none"
            seconds = perf_counter() - began
            self._services.observer.request(
                request.method, route, response.status, response.reason, seconds, request.id, request.trace
            )
        if last:
            self._closing = True
            self._queue.clear()
            self._linger()
        else:
            self._since = monotonic()

    def _linger(self) -> None:
        """Send no more, and drop what comes until the client closes: an immediate close would reset the connection, and
        a client that is still sending would lose the response (RFC 9112, section 9.6)."""
        self._lingering = True
        self._since = monotonic()
        if self._ended:
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write_eof()
            if self._paused:
                self._paused = False
                self._transport.resume_reading()
