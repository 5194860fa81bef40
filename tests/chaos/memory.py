"""Watches the processes of the service: how much memory all of them take, and which are left when it has ended."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.processes import memory_mib, tree

EVERY = 0.5
"""Seconds between two looks."""
GRACE = 5
"""Seconds that processes may run longer than the service's first."""


class Memory:
    """Looks at a process and all its descendants until it is stopped.

    Args:
        master: their first.

    Attributes:
        mib: the time of each look, and the PSS of all of them.
    """

    def __init__(self, master: int) -> None:
        self._master = master
        self.mib: list[tuple[float, float]] = []
        self._seen: dict[int, str] = {}  # by their start, since ids are used again
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look_on)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self._thread.join()

    def left(self) -> list[int]:
        """List the processes that were seen and still run, a while after the service has ended."""
        deadline = time.monotonic() + GRACE
        while (left := self._running()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left

    def _running(self) -> list[int]:
        return [process for process, started in self._seen.items() if started and _started(process) == started]

    def _look_on(self) -> None:
        while not self._stopped.wait(EVERY):
            self._seen |= {process: _started(process) for process in tree(self._master)}
            self.mib.append((time.monotonic(), memory_mib(self._master)))


def _started(process: int) -> str:
    """Return when a process was started; empty if it does not run."""
    with suppress(OSError):
        state, *fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return "" if state == "Z" else fields[18]
    return ""
