"""python -m tests.chaos.hostile KIND URL KEY SECONDS: send what is hostile, and print what was answered as JSON.

The senders have a key and an address of their own.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.chaos import hostile_files
from tests.chaos.hostile_files import LARGEST, Body

ADDRESS = "127.0.0.2"
PATIENCE = 30
"""Seconds to wait for an answer."""
POSTERS = 4
PAUSE = 0.05
"""Seconds between an answer and the next request of a poster: what is tried is the cost of a request, not a flood."""
NICENESS = 10
"""Of this process, whose share of the processor would be another machine's."""
CROWD = 100
HELD = 10
SLOW = 200
PIPELINED = 500
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


class Sent(NamedTuple):
    """What a kind of hostile sender got.

    Attributes:
        kind: of senders.
        statuses: number of answers by status; `none` counts connections that ended without one.
        slowest: seconds of the slowest answer.
    """

    kind: str
    statuses: dict[str, int]
    slowest: float

    @classmethod
    def parse(cls, text: str) -> Sent:
        """Parse the JSON that the process prints."""
        return cls(*json.loads(text))


class Sender:
    """Senders of one kind.

    Args:
        url: of the service.
        key: of the senders.
        seconds: to send for.
    """

    def __init__(self, url: str, key: str, seconds: float) -> None:
        address = urlsplit(url)
        self.address = address.hostname or "", address.port or 0
        self.key = key
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self.statuses: Counter[str] = Counter()
        self.slowest = 0.0

    def sending(self) -> bool:
        """Whether to go on."""
        return time.monotonic() < self._until

    def count(self, status: str, began: float) -> None:
        """Count an answer to a request that began then."""
        with self._lock:
            self.statuses[status] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(self.address, PATIENCE, (ADDRESS, 0))

    def head(self, path: str, *headers: str, method: str = "POST") -> bytes:
        """Write the head of a request."""
        lines = (f"{method} {path} HTTP/1.1", "Host: localhost", f"X-API-Key: {self.key}", *headers)
        return "".join(line + "\r\n" for line in (*lines, "")).encode()

    def exchange(self, sent: bytes) -> None:
        """Send bytes, and count the answers until the connection ends."""
        began = time.monotonic()
        with self.connect() as connection:
            received = b""
            with suppress(OSError):  # it may be refused before all is sent
                connection.sendall(sent)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(1 << 16):
                    received += part
        for status in STATUS.findall(received) or [b"none"]:
            self.count(status.decode(), began)

    def repeat(self, many: int, send: Callable[[], None]) -> None:
        """Call `send` again and again in so many threads."""

        def go() -> None:
            while self.sending():
                with suppress(OSError):
                    send()
                time.sleep(PAUSE)

        threads = [threading.Thread(target=go) for _ in range(many)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        """Send a request and read its answer."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE, source_address=(ADDRESS, 0))
        began = time.monotonic()
        try:
            connection.request(method, path, body, {"X-API-Key": self.key, **headers})
            with connection.getresponse() as reply:
                reply.read()
                status = str(reply.status)
        except (OSError, http.client.HTTPException):
            status = "none"
        finally:
            connection.close()
        self.count(status, began)


def posting(bodies: Callable[[], list[Body]]) -> Callable[[Sender], None]:
    """Post bodies one after the other."""

    def run(sender: Sender) -> None:
        turns = itertools.cycle(bodies())

        def post() -> None:
            body = next(turns)
            headers = {"Content-Type": body.content_type} | ({"Content-Encoding": "gzip"} if body.gzipped else {})
            sender.request("POST", body.path, body.content, headers)

        sender.repeat(POSTERS, post)

    return run


def hold_bodies(sender: Sender) -> None:
    """Send large bodies but for their end."""
    length = f"Content-Length: {LARGEST}"
    begun = sender.head("/predict", "Content-Type: image/jpeg", length) + bytes(LARGEST - (1 << 20))
    small = sender.head("/corrections", "Content-Type: application/json", "Content-Length: 60000") + b"{"
    _dribble(sender, [begun] * HELD + [small] * HELD, b" ")


def slow_heads(sender: Sender) -> None:
    """Send heads a byte at a time."""
    _dribble(sender, [b"POST /predict HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] * SLOW, b"a")


def flood_chunks(sender: Sender) -> None:
    """Send a body of two million chunks of a byte, and one of long chunk extensions."""
    head = sender.head("/predict", "Content-Type: image/jpeg", "Transfer-Encoding: chunked", "Connection: close")
    turns = itertools.cycle((b"1\r\na\r\n" * (14 << 20 >> 3), (b"1;" + b"x" * 8000 + b"\r\na\r\n") * 1000))
    sender.repeat(2, lambda: sender.exchange(head + next(turns) + b"0\r\n\r\n"))


def pipeline(sender: Sender) -> None:
    """Send hundreds of requests at once on a connection."""
    light = sender.head("/health/live", method="GET")
    document = b'{"pixels": [[0, 1], [2, 3]]}'
    wrong = sender.head("/predict", "Content-Type: application/json", f"Content-Length: {len(document)}") + document
    sender.repeat(2, lambda: sender.exchange((light + wrong) * (PIPELINED // 2)))


def leave_unread(sender: Sender) -> None:
    """Ask for large answers, and read none."""
    asked = sender.head("/openapi.json", method="GET") * PIPELINED

    def ask() -> None:
        began = time.monotonic()
        with sender.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(0.2)
            while sender.sending():
                with suppress(TimeoutError):
                    connection.sendall(asked)
        sender.count("none", began)

    sender.repeat(HELD, ask)


def crowd(sender: Sender) -> None:
    """Open the documentation a hundred times at once."""
    sender.repeat(CROWD, lambda: sender.request("GET", "/docs", None, {"Accept-Encoding": "gzip"}))


def odd_framing(sender: Sender) -> None:
    """Send heads that are read in two ways, or not at all."""
    odd = itertools.cycle(
        (
            sender.head("/predict", "Content-Length: " + "9" * 4400),
            sender.head("/predict", "Content-Length: -1"),
            sender.head("/predict", "Content-Length: 3", "Content-Length: 4") + b"abcd",
            sender.head("/predict", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
            sender.head("/predict", "Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n",
            sender.head("/predict", "Transfer-Encoding: chunked") + b"FFFFFFFFFFFFFFFFF\r\n",
            sender.head("/" + "a" * 9000, method="GET"),
            sender.head("/predict", *(f"X-{n}: {n}" for n in range(200))),
            sender.head("http://elsewhere/health/live", method="GET"),
            sender.head("/health/live", "Host: elsewhere", method="GET"),
            sender.head("/health/live", 'X-Request-ID: a\\"\x7f\xff', method="GET"),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"\0" * 1000,
        )
    )
    sender.repeat(POSTERS, lambda: sender.exchange(next(odd)))


def _dribble(sender: Sender, begun: list[bytes], more: bytes) -> None:
    """Open a connection for each beginning, and send a little more now and then; open another when one is ended."""

    def hold(beginning: bytes) -> None:
        began, received = time.monotonic(), b""
        with sender.connect() as connection, suppress(OSError):
            connection.sendall(beginning)
            connection.settimeout(0.5)
            while sender.sending():
                try:
                    part = connection.recv(1 << 16)
                except TimeoutError:
                    connection.sendall(more)
                    continue
                if not part:
                    break
                received += part
        for status in STATUS.findall(received) or [b"none"]:
            sender.count(status.decode(), began)

    turns = itertools.cycle(begun)
    sender.repeat(len(begun), lambda: hold(next(turns)))


KINDS: dict[str, Callable[[Sender], None]] = {
    "JPEGs of many scans": posting(hostile_files.many_scans),
    "bombs": posting(hostile_files.bombs),
    "PNGs with text": posting(hostile_files.texts),
    "strings among numbers": posting(hostile_files.strings_among_numbers),
    "many strokes": posting(hostile_files.many_strokes),
    "held bodies": hold_bodies,
    "slow heads": slow_heads,
    "floods of chunks": flood_chunks,
    "pipelined requests": pipeline,
    "unread answers": leave_unread,
    "a crowd at /docs": crowd,
    "odd framing": odd_framing,
}


def main() -> None:
    """Send, and print a Sent."""
    kind, url, key, seconds = sys.argv[1:]
    os.nice(NICENESS)
    sender = Sender(url, key, float(seconds))
    KINDS[kind](sender)
    print(json.dumps(Sent(kind, dict(sender.statuses), sender.slowest)))


if __name__ == "__main__":
    main()
