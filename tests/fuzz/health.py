"""Asks after the health of a service while it does other work."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections import deque
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

PATIENCE = 60
"""Seconds to wait for an answer."""
PAUSE = 0.005
"""Seconds between two questions after the service's health."""
FIRST_WAITS = 40
"""Questions after its health before anything else is sent, to know what is usual."""


class ThreadTime(NamedTuple):
    """Seconds that a thread has computed, and has waited for a processor."""

    computed: float
    queued: float

    @classmethod
    def read(cls, process: int, thread: int) -> ThreadTime:
        computed, queued, _ = Path(f"/proc/{process}/task/{thread}/schedstat").read_text().split()
        return cls(int(computed) / 1e9, int(queued) / 1e9)


class Health:
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

    def time(self) -> ThreadTime:
        return ThreadTime.read(os.getpid(), self._thread.native_id or 0)

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
