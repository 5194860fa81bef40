"""A steady load that keeps every answer, and functions that wait for conditions instead of sleeping."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests

CONCURRENCY = 16
PATIENCE = 20
"""Seconds to wait for a condition before the test fails."""


class Steady:
    """Threads that each send one request after another over their own connection.

    Args:
        url: of the service.
        body: PNG to send to `/predict`.
        concurrency: number of threads.
        keep_on: whether a thread connects again after a failure; else it ends.
        headers: of each request, besides its content type.

    Attributes:
        answers: status and document of each answered request.
        failures: error of each request without an answer.
        cut: number of failures on a connection that had been accepted already.
        latest: version that answered each thread last, by the number of the thread.
    """

    def __init__(
        self,
        url: str,
        body: bytes,
        concurrency: int = CONCURRENCY,
        keep_on: bool = True,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._keep_on = keep_on
        self.answers: list[tuple[int, Any]] = []
        self.failures: list[Exception] = []
        self.cut = 0
        self.latest: dict[int, int] = {}
        self._url = urlsplit(url)
        self._body = body
        self._headers = {"Content-Type": "image/png", **headers}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on, args=(n,)) for n in range(concurrency)]

    def __enter__(self) -> Steady:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def await_version(self, version: int) -> None:
        """Wait until every thread is answered by a version."""
        until(lambda: len(self.latest) == CONCURRENCY and set(self.latest.values()) == {version})

    def _ask_on(self, n: int) -> None:
        connection = http.client.HTTPConnection(self._url.hostname, self._url.port, timeout=30)
        while not self._stop.is_set():
            accepted = connection.sock is not None
            try:
                connection.request("POST", "/predict", self._body, self._headers)
                with connection.getresponse() as reply:
                    document = json.loads(reply.read())
            except Exception as error:
                self.failures.append(error)
                self.cut += accepted
                connection.close()
                if self._keep_on:
                    continue
                return
            self.answers.append((reply.status, document))
            if reply.status == 200:
                self.latest[n] = document["model"]["version"]
        connection.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it does not within PATIENCE.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def answers(url: str) -> bool:
    """Whether the service at an address is ready."""
    try:
        return requests.get(f"{url}/health/ready", timeout=5).ok
    except requests.RequestException:
        return False
