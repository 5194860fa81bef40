"""The watch reports each promise that a server breaks; the server is a real one that breaks them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest

from tests.fuzz.calls import CODINGS, HEADER_LENGTH, Call, calls
from tests.fuzz.cost import OTHERS_WAIT, errors, log_faults
from tests.fuzz.watch import DESCRIPTORS, Watch


class Careless(BaseHTTPRequestHandler):
    """Breaks the promise that the path names."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet for head and body, which a client gets at once
    busy = threading.Lock()

    def do_GET(self) -> None:
        with self.busy:
            self.answer(200, b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        match self.path:
            case "/fails":
                self.answer(500, b'{"code": "internal_error"}')
            case "/silent":
                self.close_connection = True
            case "/terse":
                self.answer(400, b"no")
            case "/blocks":
                with self.busy:
                    time.sleep(10 * OTHERS_WAIT)
                self.answer(200, b"{}")
            case "/grows":
                list(bytes(32 << 20))
                self.answer(200, b"{}")
            case _:
                self.answer(503, b'{"code": "overloaded"}')

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def watch() -> Iterator[Watch]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    watch = Watch(f"http://127.0.0.1:{server.server_port}", os.getpid())
    yield watch
    watch.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/fails", "status 500"),
        ("/silent", "no answer"),
        ("/terse", "status 400 without a reason"),
        ("/blocks", "others waited"),
        ("/grows", "the worker grew by"),
    ],
)
def test_a_broken_promise_is_reported(watch: Watch, path: str, fault: str) -> None:
    _, faults = watch.faults(Call(path, {}, b"x"))
    assert any(found.startswith(fault) for found in faults)


def test_a_declared_refusal_is_none(watch: Watch) -> None:
    cost = watch.send(Call("/full", {}, b"x"))
    assert (cost.status, cost.code) == (503, "overloaded")
    assert errors(cost) == []


def test_descriptors_that_are_never_closed_are_reported(watch: Watch) -> None:
    assert watch.leaks() == []
    with ExitStack() as files:
        for _ in range(DESCRIPTORS + 10):
            files.enter_context(open(os.devnull))
        assert watch.leaks() != []


def test_a_log_of_few_lines_is_fine_and_a_traceback_is_not() -> None:
    assert log_faults(["libpng warning"] * 10) == []
    assert log_faults(["libpng warning"] * 1000) == ["1000 lines in the log"]
    assert log_faults(["Traceback (most recent call last):"]) != []
    assert log_faults(["request 1: the process that read it ended with code -11: "]) != []


def test_an_input_is_sent_by_every_route_and_in_every_coding() -> None:
    sent = [
        call for seed in range(40) for data in (b"GIF89a", b"{}", b"raw\2\0abcd") for call in calls(data, Random(seed))
    ]
    assert {call.path.split("?")[0] for call in sent} == {
        "/predict",
        "/read",
        "/corrections",
        "/v1/models/digits:predict",
        "/v1/models/digits:classify",
        "/v2/models/digits/infer",
    }
    assert {call.headers.get("Content-Encoding") for call in sent} == {None, *CODINGS}
    assert any(HEADER_LENGTH in call.headers for call in sent)
