"""A client's connection: gunicorn's HTTP, and a short cut through it for plain, light predictions.

gunicorn's parser, written in Python, and its two tasks a request cost as much as the network does. So a request that
`head` reads without any doubt and that `shortcut` answers without a coroutine is answered here. The first request that
is not goes to gunicorn, and with it the connection, for good: two parsers never share one.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from gunicorn.asgi.parser import ParseError
from gunicorn.asgi.protocol import ASGIProtocol

from service.errors import Answer
from service.protocols import headers
from service.server.head import LONGEST, Head, parse
from service.server.shortcut import Pending

MOST_BEHIND = 1 << 16
"""Bytes of further requests that are taken in while one is answered."""
_END = b"\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_OF_ALL = "".join(f"{name}: {value}\r\n" for name, value in ({"Server": "gunicorn/asgi"} | headers.SECURITY).items())


class Connection(ASGIProtocol):
    """One connection of a worker.

    Args:
        worker: whose `asgi` has a `shortcut` and a `balance`.
    """

    def __init__(self, worker: Any) -> None:
        super().__init__(worker)
        self._shortcut = worker.asgi.shortcut
        self._balance = worker.asgi.balance
        self._short = True  # gunicorn's parser has seen nothing of this connection
        self._received = b""  # of requests that are not begun
        self._head: tuple[bytes, Head] | None = None  # the last, since a client sends the same again and again
        self._pending: Pending | None = None
        self._quiet = False  # nothing was answered since `_watch` last looked
        self._ended = False  # the client sends no more
        self._unread = False  # the client does not read its answers

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # it is never less
        """Begin to watch over it: gunicorn would wait for its first request for ever."""
        super().connection_made(transport)
        self._wire = transport
        self._balance.opened()
        asyncio.get_running_loop().call_later(self.cfg.keepalive, self._watch)

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        if not self._short:
            super().data_received(data)
            return
        self._received = self._received + data if self._received else data
        if self._pending is None:
            self._advance()
        elif len(self._received) > MOST_BEHIND:
            self._wire.pause_reading()

    def eof_received(self) -> bool:
        """Nothing more comes; whether to stay open, for an answer that is due."""
        self._ended = True
        return self._pending is not None

    def pause_writing(self) -> None:
        """Take no more from a client that does not read its answers."""
        super().pause_writing()
        self._unread = True
        if self._short:
            self._wire.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._unread = False
        if self._short and self._pending is None:
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone and wants no answer."""
        if self._pending is not None:
            self._pending.cancel()
        self._balance.closed()
        super().connection_lost(exc)

    def _on_headers_complete(self) -> bool:
        """What gunicorn's parser calls; RFC 9112, section 3.2, which it does not insist on."""
        parser = self._callback_parser  # type: ignore[attr-defined]  # the stubs know nothing private
        if parser.http_version == (1, 1) and not any(name.lower() == b"host" for name, _ in parser.headers):
            raise ParseError("A request of HTTP/1.1 needs a Host.")
        skip_body: bool = super()._on_headers_complete()  # type: ignore[misc]
        return skip_body

    def _advance(self) -> None:
        """Begin the next request if it is whole; leave it to gunicorn if it is none for us."""
        received = self._received
        end = received.find(_END) + len(_END)
        if end < len(_END) and len(received) <= LONGEST:
            return
        head = self._read_head(received[:end])
        if head is None or not self._shortcut.takes(head):
            self._leave()
            return
        size = end + head.content_length
        if len(received) < size:
            return
        self._pending = self._shortcut.begin(head, received[end:size], self._answer)
        if self._pending is None:
            self._leave()
        else:
            self._received = received[size:]

    def _read_head(self, raw: bytes) -> Head | None:
        if self._head is None or self._head[0] != raw:
            head = parse(raw)
            if head is None:
                return None
            self._head = raw, head
        return self._head[1]

    def _leave(self) -> None:
        self._short = False
        self._wire.resume_reading()
        received, self._received = self._received, b""
        super().data_received(received)

    def _answer(self, answer: Answer, request_id: str) -> None:
        status, fields, body = answer
        self._pending, self._quiet = None, False
        last = not self.worker.alive or (not self._received and (self._ended or self._balance.parts()))
        self._wire.write(_start(status, fields, body, request_id, last) + body)
        if last:
            self._wire.close()
        elif not self._unread:
            self._go_on()

    def _go_on(self) -> None:
        """See to what came in meanwhile, and take in more of it once that is little."""
        if self._received:
            self._advance()
        if self._short and (self._pending is None or len(self._received) <= MOST_BEHIND):
            self._wire.resume_reading()

    def _watch(self) -> None:
        """End a connection on which nothing was answered for a while; a body may take gunicorn's longer time."""
        if not self._short or self._wire.is_closing():
            return
        if self._quiet and self._pending is None:
            if _END in self._received:
                self._leave()
                return
            if self._received:
                self._wire.write(_TOO_SLOW)
            self._wire.close()
        self._quiet = True
        asyncio.get_running_loop().call_later(self.cfg.keepalive, self._watch)


def _start(status: HTTPStatus, fields: dict[str, str], body: bytes, request_id: str, last: bool) -> bytes:
    """All of an answer but its body."""
    named = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    closing = "Connection: close\r\n" if last else ""
    return (
        f"HTTP/1.1 {status:d} {status.phrase}\r\nContent-Length: {len(body)}\r\nX-Request-ID: {request_id}\r\n"
        f"{named}{_OF_ALL}Date: {headers.date()}\r\n{closing}\r\n"
    ).encode()
