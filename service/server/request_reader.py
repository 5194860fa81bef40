"""Bytes of a connection -> whole requests, parsed by llhttp; bodies are bounded, and malformed requests refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic
from urllib.parse import unquote

import httptools

from models.errors import RequestError
from service.errors import body_too_large
from service.protocols.body import LIGHT_BYTES
from service.protocols.registry import find, shapes
from service.protocols.request import Request
from service.protocols.response import Response
from service.server.arriving_body import ArrivingBody
from service.server.received import MAX_HEADERS, MAX_LINE, BadRequest, Received, unreadable
from service.services import Services

MAX_HEAD = 1 << 16
"""Bytes of a head, at most."""
MAX_LENGTH = 20
"""Digits of a Content-Length, at most."""
HEAD_SECONDS = 5.0
"""Time that a head may take."""
SLICE = 1 << 13
"""Bytes that are parsed at once, unless they are of a body of known length: some 300 of the smallest requests."""

_HOST = re.compile(rb"[A-Za-z0-9._~%!$&'()*+,;=-]*(?::[0-9]{0,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{0,5})?")
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


class RequestReader:
    """Reads the requests of one connection.

    Args:
        services: limits, and the checks of a head.
        peer: address of the connection.
        receive: called with each request, in order, as soon as it is whole or refused.
        send_continue: called if the client waits for `100 Continue` before it sends a body.
        is_free: whether a further request may be read.
        may_read_on: whether more than a slice may be read in this turn of the event loop.

    Attributes:
        receiving: whether a request has begun to arrive.
        closed: whether no further request is read.
        unfed: bytes that a later `feed` must parse.
    """

    def __init__(
        self,
        services: Services,
        peer: str,
        receive: Callable[[Received], None],
        send_continue: Callable[[], None],
        is_free: Callable[[], bool],
        may_read_on: Callable[[], bool],
    ) -> None:
        self._services = services
        self._peer = peer
        self._receive = receive
        self._send_continue = send_continue
        self._is_free = is_free
        self._may_read_on = may_read_on
        self._parser = httptools.HttpRequestParser(self)
        self._resuming = False  # the parser is fed the head of `_resume_body`
        self._host = b""  # of the request before, which the service answers to
        self.closed = False
        self.unfed = b""
        self._begin()
        self.receiving = False
        services.admission.senders.add(self)

    def _begin(self) -> None:
        """Begin a request."""
        self.receiving = True
        self._since = monotonic()
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._header_count = 0
        self._head_size = 0
        self._in_head = True
        self._upgrading = False
        self._body: ArrivingBody | None = None
        self._request: Request | None = None
        self._refusal: Response | None = None

    def feed(self, data: bytes) -> None:
        """Read on for a turn of the event loop; the rest is `unfed`."""
        if self.closed:
            return
        if self.unfed:
            data, self.unfed = self.unfed + data, b""
        at, size = 0, len(data)
        try:
            at = self._feed(data if size <= SLICE else self._slice(data, 0))
            while at < size and not self.closed and self._is_free() and self._may_read_on():
                at += self._feed(self._slice(data, at))
        except BadRequest as error:
            self.refuse(error.status)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if not isinstance(cause, BadRequest):
                raise
            self.refuse(cause.status)
        except httptools.HttpParserError:
            self.refuse(HTTPStatus.BAD_REQUEST)
        if at < size and not self.closed:
            self.unfed = data[at:]

    def is_late(self, now: float) -> bool:
        """Whether the request that is arriving takes too long, at a time of the monotonic clock."""
        limit = self._body.seconds_allowed() if self._body else HEAD_SECONDS
        return self.receiving and now - self._since > limit

    def rate(self, now: float) -> float:
        """Return the latest rate of the body that is arriving, in bytes a second; infinite if none is held, or
        if its sender must wait.

        Args:
            now: by the monotonic clock.
        """
        return self._body.rate(now) if self._body and self._is_free() else math.inf

    def refuse(self, status: HTTPStatus) -> None:
        """Give up the connection's bytes: no further request can be told apart."""
        if self.closed:
            return
        self.close()
        self._receive(unreadable(status))

    def close(self) -> None:
        """Read no further request, and drop the one that is arriving."""
        self.closed = True
        self.receiving = False
        self.unfed = b""
        if self._body:
            self._body.drop()
        self._services.admission.senders.discard(self)

    # The parser calls these.

    def on_message_begin(self) -> None:
        """Begin a request."""
        if not self._resuming:
            self._begin()

    def on_url(self, url: bytes) -> None:
        """Collect the target, which may come in pieces."""
        if self._resuming:
            return
        self._url += url
        if len(self._url) > MAX_LINE:
            raise BadRequest(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header. A trailer must not pass for one, nor a name with `_` for the one with `-` under WSGI."""
        if not self._in_head:
            return
        self._header_count += 1
        if self._header_count > MAX_HEADERS or len(name) + len(value) > MAX_LINE:
            raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if b"_" in name:
            return
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
        if not self._url.startswith(b"/"):
            host = self._authority() or host
            if self._url == b"*" and self._parser.get_method() != b"OPTIONS":
                raise BadRequest
        if host is not None and host != self._host:
            self._check_host(host)
        coding = headers.get(b"transfer-encoding")
        if coding is not None and coding.lower() != b"chunked":
            raise BadRequest(HTTPStatus.BAD_REQUEST if b"chunked" in coding.lower() else HTTPStatus.NOT_IMPLEMENTED)
        length = headers.get(b"content-length", b"0")
        if len(length) > MAX_LENGTH:
            raise BadRequest
        size = int(length)
        if size or coding is not None:
            max_bytes = self._services.config.max_bytes
            self._body = ArrivingBody(self._services.admission, self, max_bytes, size, coding is not None, self._since)
        self._upgrading = self._parser.should_upgrade() and (size > 0 or coding is not None)
        if size > LIGHT_BYTES or coding is not None:
            self._check(size)
        if b"expect" in headers:
            self._expect(headers[b"expect"])

    def on_body(self, piece: bytes) -> None:
        """Collect a piece of the body; drop it if the request is refused."""
        body = self._body
        assert body is not None, "only a request with a length or chunks has a body"
        body.count(len(piece))
        if self._refusal is None:
            try:
                body.add(piece)
                return
            except RequestError as error:
                self._refuse_body(error)
        if body.drops_too_much(len(piece)) and not self.closed:
            self._finish(last=True)

    def on_message_complete(self) -> None:
        """Hand over the request."""
        if not self.closed and not self._upgrading:
            kept = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
            self._finish(last=not kept)

    def _slice(self, data: bytes, at: int) -> bytes:
        """Return what to parse at once: of a body of known length all that there is."""
        return data[at : at + max(SLICE, self._body.missing if self._body else 0)]

    def _feed(self, data: bytes) -> int:
        """Parse bytes, and return how many were taken."""
        message, body = self._headers, self._body
        received = body.received if body else 0
        try:
            self._parser.feed_data(data)
            taken = len(data)
        except httptools.HttpParserUpgrade as upgrade:
            taken = upgrade.args[0]
            self._parser = httptools.HttpRequestParser(self)
            if self._upgrading:
                self._resume_body()
        if self.receiving and self._headers is message:  # the message began before these bytes and goes on after them
            if self._in_head:
                self._head_size += taken
                if self._head_size > MAX_HEAD:
                    raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            elif body and body.frames_too_much(taken - (body.received - received)):
                raise BadRequest
        return taken

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

    def _authority(self) -> bytes:
        """Return the host of a target in the absolute form, which proxies send; empty for any other form."""
        absolute = _ABSOLUTE.match(self._url)
        return absolute[1] if absolute else b""

    def _check_host(self, host: bytes) -> None:
        if not _HOST.fullmatch(host):
            raise BadRequest
        if not self._services.hosts.allows(host):
            raise BadRequest(HTTPStatus.MISDIRECTED_REQUEST)
        self._host = host

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
        """Refuse a request whose body is not going to be kept."""
        request = self._request = self._request or self._build()
        self._refusal = shapes(request.path).refuse(error, request.id)
        if self._body:
            self._body.drop()

    def _expect(self, expectation: bytes) -> None:
        if expectation.lower() != b"100-continue":
            raise BadRequest(HTTPStatus.EXPECTATION_FAILED)
        if self._refusal:
            self._finish(last=True)  # the client has not begun to send the body
        else:
            self._send_continue()

    def _finish(self, last: bool) -> None:
        """Hand over the request that has arrived."""
        request = self._request or self._build()
        held = 0
        if self._body:
            held = self._body.finish()
            self._body = None
        received = Received(request, self._refusal, last, held)
        self.receiving = False
        self.closed = last
        self._receive(received)

    def _build(self) -> Request:
        target, _, query = self._url.partition(b"#")[0].partition(b"?")
        if not target.startswith((b"/", b"*")):  # the absolute form, which proxies send
            target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
        path = target.decode("latin-1")
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            path=unquote(path) if "%" in path else path,
            query_string=query,
            headers=self._headers,
            body=self._body.content if self._body else b"",
            peer=self._peer,
        )
        request.trace = self._services.observer.trace(request.header(b"traceparent"), request.header(b"tracestate"))
        return request
