"""A steady load that keeps every answer, and waits for conditions rather than for time."""

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
"""Seconds after which what has not come true counts as broken."""


class Steady:
    """Threads that ask on, each over its own connection, and keep every answer.

    Attributes:
        answers: (status, document) of each request that was sent.
        failures: of requests that got no answer.
        cut: how many of them were on a connection on which one had been answered, so that the service had let it in.
        latest: the version that each connection saw last.
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
        """Until every connection is answered by a version."""
        until(lambda: len(self.latest) == CONCURRENCY and set(self.latest.values()) == {version})

    def _ask_on(self, n: int) -> None:
        connection = http.client.HTTPConnection(self._url.hostname, self._url.port, timeout=30)
        while not self._stop.is_set():
            let_in = connection.sock is not None
            try:
                connection.request("POST", "/predict", self._body, self._headers)
                with connection.getresponse() as reply:
                    document = json.loads(reply.read())
            except Exception as error:
                self.failures.append(error)
                self.cut += let_in
                connection.close()
                if self._keep_on:
                    continue
                return
            self.answers.append((reply.status, document))
            if reply.status == 200:
                self.latest[n] = document["model"]["version"]
        connection.close()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/ready", timeout=5).ok
    except requests.RequestException:
        return False
