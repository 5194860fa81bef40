"""Where heavy requests are answered, and how long one more would wait there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import TypeVar

from service.access.admission import overloaded

THREADS = 2
WAIT_SHARE = 0.25
"""Of its deadline that a request may be expected to wait; the rest is for its own work, and for requests that take
longer than those before."""
WEIGHT = 0.125
"""Of the latest request in the mean of the seconds that one takes."""

T = TypeVar("T")


class Threads:
    """Runs what would keep an event loop from its other requests.

    Args:
        deadline: seconds that a request may take.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="heavy")
        self._requests = 0
        self._seconds = 0.0  # that one takes in its thread, on average

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(cancel_futures=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Do one request's work.

        Raises:
            Overloaded: it would wait too long for its turn.
            TimeoutError: past the deadline.
        """
        wait = self._requests * self._seconds / THREADS
        if self._requests >= THREADS and wait > WAIT_SHARE * self._deadline:
            raise overloaded()
        self._requests += 1
        try:
            async with asyncio.timeout(self._deadline):
                return await asyncio.get_running_loop().run_in_executor(self._pool, self._timed, work)
        finally:
            self._requests -= 1

    def _timed(self, work: Callable[[], T]) -> T:
        began = perf_counter()
        try:
            return work()
        finally:
            self._seconds += WEIGHT * (perf_counter() - began - self._seconds)
