"""Send requests to a service that runs, and watch what they cost it and others."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

from service.config import Config
from tests import serving
from tests.fuzz.calls import Call

PATIENCE = 60
"""Seconds to wait for an answer."""
LATE = Config().deadline_seconds + 0.2
"""Seconds within which each request must be answered."""
PAUSE = 0.005
"""Seconds between two questions after the service's health."""
OTHERS_WAIT = 0.05
"""Seconds that a question after its health may take beyond its median."""
FIRST_WAITS = 40
"""Questions after its health before anything else is sent, to know what is usual."""
GROWTH = 20 << 20
"""Bytes that the worker may grow by, whatever is sent."""
DESCRIPTORS = 16
"""Files, sockets and processes that the worker may hold beyond those at the beginning, once an input is answered."""
LOOP = 0.005
"""Processor time that the event loop may take for a request, in seconds."""
REST = 0.3
"""Seconds before a slow request is sent again."""
REPEATS = 3
"""How often a slow request is sent again: it counts only if it is always slow, since the machine has other work too."""
LINES = 200
"""Lines that all requests of an input may write to the log together; libraries write one or two for each."""
NO_DOCUMENT = "no document"
"""Code of a response over 399 that says nothing."""
REFUSED = (503, 504)
"""Statuses over 499 that the service declares."""


@dataclass
class Cost:
    """What became of a request.

    Attributes:
        status: of the response; 0 if the connection was closed without one.
        code: of a problem; empty for none.
        seconds: until the response was whole.
        others: longest that another client waited for the service's health meanwhile, beyond what is usual, in seconds.
        loop: processor time that the worker's event loop took, in seconds.
        growth: bytes by which the worker was larger, at its largest, than when the watch began.
    """

    status: int
    code: str
    seconds: float
    others: float
    loop: float
    growth: int


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
        began = self._loop_seconds()
        self._health = _Health(self._host)
        self._usual = (self._loop_seconds() - began) / self._health.asked
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
        slow = _slowness(cost)
        for _ in range(REPEATS):
            if not slow:
                break
            time.sleep(REST)
            slow = _slowness(self.send(call))
        return cost, errors(cost) + slow

    def send(self, call: Call) -> Cost:
        """Send a request, and return what it cost."""
        Path(f"/proc/{self._worker}/clear_refs").write_text("5")  # forget the largest size so far
        self._health.longest()
        asked, computed, began = self._health.asked, self._loop_seconds(), time.perf_counter()
        status, body = self._ask(call)
        seconds = time.perf_counter() - began
        computed = self._loop_seconds() - computed - (self._health.asked - asked) * self._usual
        try:
            document = json.loads(body) if status >= 400 else {}
            code = str(document.get("code") or document["error"]) if document else ""
        except (ValueError, KeyError, AttributeError):
            code = NO_DOCUMENT
        return Cost(status, code, seconds, self._health.longest(), computed, self._memory("VmHWM") - self._size)

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

    def _loop_seconds(self) -> float:
        """Return the processor time that the worker's first thread has taken."""
        return int(Path(f"/proc/{self._worker}/task/{self._worker}/schedstat").read_text().split()[0]) / 1e9

    def _count_descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self._worker}/fd").iterdir())

    def _memory(self, field: str) -> int:
        lines = Path(f"/proc/{self._worker}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{field}:"))


class _Health:
    """Asks again and again for the health, on a connection of its own.

    Attributes:
        asked: how often it has asked.
    """

    def __init__(self, host: str) -> None:
        self._connection = HTTPConnection(host, timeout=PATIENCE)
        self.asked = 0
        self._waits: deque[float] = deque(maxlen=1000)
        self._longest = 0.0
        self._since: float | None = None
        self._usual_known = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()
        self._usual_known.wait()

    def longest(self) -> float:
        """Return the longest wait since the last call, beyond the median, in seconds; also one that goes on."""
        since = self._since
        longest = max(self._longest, time.perf_counter() - since if since else 0.0)
        self._longest = 0.0
        return longest - statistics.median(self._waits.copy())

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._connection.close()

    def _ask(self) -> None:
        while not self._stopped.wait(PAUSE):
            self._since = began = time.perf_counter()
            with suppress(OSError, HTTPException):
                self._connection.request("GET", "/health/live")
                self._connection.getresponse().read()
            wait = time.perf_counter() - began
            self._since = None
            self._longest = max(self._longest, wait)
            self._waits.append(wait)
            self.asked += 1
            if self.asked == FIRST_WAITS:
                self._usual_known.set()


def errors(cost: Cost) -> list[str]:
    """Say what is wrong with a response and with the memory that it took, whatever the time."""
    found = []
    if cost.status == 0:
        found.append("no answer")
    if cost.status >= 500 and cost.status not in REFUSED:
        found.append(f"status {cost.status}")
    if cost.code == NO_DOCUMENT:
        found.append(f"status {cost.status} without a reason")
    if cost.growth > GROWTH:
        found.append(f"the worker grew by {cost.growth >> 20} MiB")
    return found


def log_faults(log: list[str]) -> list[str]:
    """Say what is wrong with what the service wrote to its log for one input."""
    found = [f"logged: {line.strip()}" for line in log if "Traceback" in line or "ended by signal" in line]
    return [*found, f"{len(log)} lines in the log"] if len(log) > LINES else found


def _slowness(cost: Cost) -> list[str]:
    """Say what took too long."""
    found = []
    if cost.seconds > LATE:
        found.append(f"answered after {cost.seconds:.1f} s")
    if cost.others > OTHERS_WAIT:
        found.append(f"others waited {cost.others * 1000:.0f} ms")
    if cost.loop > LOOP:
        found.append(f"the event loop computed for {cost.loop * 1000:.1f} ms")
    return found


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
