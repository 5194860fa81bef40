"""Send requests to a service that runs, and watch what they cost it and others."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

from tests import serving
from tests.fuzz.calls import Call
from tests.fuzz.cost import NO_DOCUMENT, Cost, errors, slowness
from tests.fuzz.health import PATIENCE, Health, ThreadTime

DESCRIPTORS = 16
"""Files, sockets and processes that the worker may hold beyond those at the beginning, once an input is answered."""
REST = 0.3
"""Seconds before a slow request is sent again."""
REPEATS = 3
"""How often a slow request is sent again: it counts only if it is always slow, since the machine has other work too."""


class Watch:
    """Watches a worker. Its size now is what it may grow from.

    Args:
        url: of the service, which has one worker.
        worker: its process id.
    """

    def __init__(self, url: str, worker: int) -> None:
        self._host = urlsplit(url).netloc
        self._worker = worker
        self._connection = HTTPConnection(self._host, timeout=PATIENCE)
        self._addresses = (f"127.0.{number // 250 % 250}.{2 + number % 250}" for number in count())
        began = self._loop().computed
        self._health = Health(self._host)
        self._usual = (self._loop().computed - began) / self._health.asked
        self.remember_size()

    def remember_size(self) -> None:
        """Let the worker grow from the size that it has now."""
        self._size = self._memory("VmRSS")
        self._descriptors = self._count_descriptors()

    def leaks(self) -> list[str]:
        """Say whether the worker has more descriptors than connections explain."""
        more = self._count_descriptors() - self._descriptors
        return [f"{more} more descriptors"] if more > DESCRIPTORS else []

    def faults(self, call: Call) -> tuple[Cost, list[str]]:
        """Send a request.

        Returns:
            What it cost, and what is wrong with that, in words.
        """
        cost = self.send(call)
        slow = slowness(cost)
        for _ in range(REPEATS):
            if not slow:
                break
            time.sleep(REST)
            slow = slowness(self.send(call))
        return cost, errors(cost) + slow

    def send(self, call: Call) -> Cost:
        """Send a request, and return what it cost."""
        Path(f"/proc/{self._worker}/clear_refs").write_text("5")  # forget the largest size so far
        self._health.longest()
        asked, loop, client, began = self._health.asked, self._loop(), self._health.time(), time.perf_counter()
        status, body = self._ask(call)
        seconds = time.perf_counter() - began
        computed, queued = (after - before for before, after in zip(loop, self._loop(), strict=True))
        queued += self._health.time().queued - client.queued
        try:
            document = json.loads(body) if status >= 400 else {}
            code = str(document.get("code") or document["error"]) if document else ""
        except (ValueError, KeyError, AttributeError):
            code = NO_DOCUMENT
        others = self._health.longest() - queued
        computed -= (self._health.asked - asked) * self._usual
        return Cost(status, code, seconds, others, computed, self._memory("VmHWM") - self._size)

    def close(self) -> None:
        """Stop watching."""
        self._health.stop()
        self._connection.close()

    def _ask(self, call: Call) -> tuple[int, bytes]:
        if call.path == "/corrections":  # limited by address
            source = next(self._addresses), 0
            with closing(HTTPConnection(self._host, timeout=PATIENCE, source_address=source)) as connection:
                return _answer(connection, call)
        fresh = self._connection.sock is None
        status, body = _answer(self._connection, call)
        if status == 0 and not fresh:  # the service may end an idle connection just as a request comes
            return _answer(self._connection, call)
        return status, body

    def _loop(self) -> ThreadTime:
        return ThreadTime.read(self._worker, self._worker)

    def _count_descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self._worker}/fd").iterdir())

    def _memory(self, field: str) -> int:
        lines = Path(f"/proc/{self._worker}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{field}:"))


@contextmanager
def watched_service(**settings: str) -> Iterator[tuple[Watch, list[str]]]:
    """Start a service of one worker.

    Yields:
        Its watch, and what it writes to its log.
    """
    log: list[str] = []
    with serving.service(**settings) as (url, master):
        reader = threading.Thread(target=_read_lines, args=(master, log))
        reader.start()
        watch = Watch(url, *serving.workers(master))
        try:
            yield watch, log
        finally:
            watch.close()
    reader.join()


def _read_lines(master: Popen[str], log: list[str]) -> None:
    with suppress(ValueError):  # closed when the service has ended
        log.extend(master.stdout or ())


def _answer(connection: HTTPConnection, call: Call) -> tuple[int, bytes]:
    """Return status and body; 0 if there was no answer."""
    try:
        connection.request("POST", call.path, call.body, call.headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException):
        connection.close()
        return 0, b""
