"""Clients that are too slow, and a master that dies, on a server whose time limits are short."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests import serving
from tests.service.server.test_http import read_all
from tests.service.steady import until

LIMITS = """
from service.server import arriving_body, http_protocol
arriving_body.GRACE, arriving_body.MIN_RATE, http_protocol.UNREAD, http_protocol.KEEP_ALIVE = 1.5, 1e5, 1.5, 1.0
from service.__main__ import main
main()
"""
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def strict() -> Iterator[str]:
    """The address of a service with short limits."""
    with serving.service(code=LIMITS) as (url, _):
        yield url


@contextmanager
def connect(url: str) -> Iterator[socket.socket]:
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), 20) as connection:
        yield connection


def test_a_body_that_stops_coming_is_refused(strict):
    with connect(strict) as connection:
        began = time.monotonic()
        connection.sendall(HEAD + b"a" * 1000)
        ((status, body),) = read_all(connection)
    assert (status, json.loads(body)["code"]) == (408, "request_timeout")
    assert 1 < time.monotonic() - began < 6


def test_a_body_that_comes_too_slowly_is_refused(strict):
    with connect(strict) as connection:
        connection.sendall(HEAD)
        connection.settimeout(0.1)
        sent = 0
        received = b""
        while not received:
            assert sent < 1_000_000, "it was read to the end"
            connection.sendall(b"a" * 1000)
            sent += 1000
            try:
                received = connection.recv(1 << 16)
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 408 ")


def test_a_body_at_the_least_rate_is_read(strict):
    body = b"a" * 1_000_000
    with connect(strict) as connection:
        connection.sendall(HEAD)
        began = time.monotonic()
        for start in range(0, len(body), 50_000):
            connection.sendall(body[start : start + 50_000])
            until(lambda start=start: time.monotonic() - began > start / 250_000)
        connection.sendall(LIVE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert [status for status, _ in read_all(connection)] == [400, 200]  # it is no picture


def test_a_refusal_keeps_its_place_behind_the_requests_before_it(strict):
    with connect(strict) as connection:
        connection.sendall(LIVE + HEAD + b"a")
        assert [status for status, _ in read_all(connection)] == [200, 408]


def test_a_byte_now_and_then_keeps_no_connection_open(strict):
    """Whatever it belongs to: the limits are of the whole request."""
    post = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
    beginnings = (
        b"POST /pre",
        LIVE[:-4] + b"\r\nX-A: ",
        post + b"Content-Length: 1000\r\n\r\n",
        HEAD,
        post + b"Transfer-Encoding: chunked\r\n\r\n3E8\r\n",
        LIVE[:-2] + b"Content-Length: 1000000\r\n\r\n",
    )
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(strict)) for _ in beginnings]
        for connection, beginning in zip(slow, beginnings, strict=True):
            connection.sendall(beginning)
        ended = set()

        def all_end():
            for n, connection in enumerate(slow):
                try:
                    connection.setblocking(True)
                    connection.sendall(b"a")
                    connection.setblocking(False)
                    ended.update({n} if connection.recv(1 << 16).startswith(b"HTTP/1.1 408 ") else ())
                except BlockingIOError:
                    continue
                except OSError:  # it was refused at the last look already
                    continue
            return len(ended) == len(beginnings)

        until(all_end)


def test_bodies_that_are_held_open_keep_nobody_out_and_cost_no_memory():
    """Five bodies of 15 MB, of which a byte comes now and then, filled all that a worker holds."""
    head = HEAD.replace(b"1000000", b"16777216")
    with serving.service() as (url, master), ExitStack() as stack:
        (worker,) = serving.workers(master)
        before = resident(worker)
        held = [stack.enter_context(connect(url)) for _ in range(5)]
        for connection in held:
            with suppress(OSError):  # a third is refused: two are half of what is held
                connection.sendall(head + bytes(15 << 20))

        def photo_is_read():
            for connection in held:
                with suppress(OSError):
                    connection.sendall(b"a")
            answer = requests.post(
                f"{url}/predict", bytes(8 << 20), headers={"Content-Type": "application/octet-stream"}, timeout=10
            )
            return answer.status_code != 503

        until(photo_is_read)
        assert resident(worker) - before < 20 << 20


def test_an_idle_connection_is_closed(strict):
    with connect(strict) as connection:
        connection.sendall(LIVE)
        assert [status for status, _ in read_all(connection)] == [200]


def test_a_client_that_never_reads_is_disconnected(strict):
    with connect(strict) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(0.5)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            send_on(connection, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100)


def test_a_worker_whose_master_was_killed_ends():
    with serving.service() as (url, master):
        (worker,) = serving.workers(master)
        os.kill(master.pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{worker}").exists())
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/health/live", timeout=5)


def resident(pid: int) -> int:
    """Return the bytes of a process that are in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def send_on(connection: socket.socket, data: bytes) -> None:
    """Send for as long as the server may take to disconnect."""
    deadline = time.monotonic() + serving.PATIENCE
    while time.monotonic() < deadline:
        with suppress(TimeoutError):
            connection.sendall(data)
