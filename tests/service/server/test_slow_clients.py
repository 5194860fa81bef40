"""Clients that are too slow, and a master that dies, on a server whose time limits are short."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests import serving
from tests.service.server.test_http import read_all
from tests.service.steady import until

LIMITS = """
from service.server import http_protocol, request_reader
request_reader.GRACE, request_reader.MIN_RATE, http_protocol.UNREAD, http_protocol.KEEP_ALIVE = 1.5, 1e5, 1.5, 1.0
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


def send_on(connection: socket.socket, data: bytes) -> None:
    """Send for as long as the server may take to disconnect."""
    deadline = time.monotonic() + serving.PATIENCE
    while time.monotonic() < deadline:
        with suppress(TimeoutError):
            connection.sendall(data)
