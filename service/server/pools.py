"""Bounded pools of threads for work that would block the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter

from service.errors import overloaded
from service.protocols.response import Response

WAIT_SHARE = 0.25
"""Share of its deadline that a request may expect to wait; the rest is for its own work, which may take longer than the
work of those before it."""
WEIGHT = 0.125
"""Weight of the latest duration in the moving average."""


class Pool:
    """Runs the work of requests in threads, and refuses what would wait too long.

    Args:
        name: of the threads.
        threads: number of threads.
        deadline: seconds to answer a request in.
    """

    def __init__(self, name: str, threads: int, deadline: float) -> None:
        self._threads = threads
        self._deadline = deadline
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._requests = 0
        self._seconds = 0.0  # moving average of the work of one request

    def close(self) -> None:
        """Cancel what waits and let the threads end."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[[], Response], ended: Callable[[bool], None]) -> Response:
        """Do the work of one request.

        Args:
            work: called in a thread.
            ended: called on the event loop once the work has ended, or with True if it will never begin.

        Raises:
            Overloaded: the request would wait too long.
            TimeoutError: the work is not done at the deadline; it still counts as in progress until it is.
        """
        wait = self._requests * self._seconds / self._threads
        if self._requests >= self._threads and wait > WAIT_SHARE * self._deadline:
            ended(True)
            raise overloaded()
        self._requests += 1
        loop = asyncio.get_running_loop()
        future = self._executor.submit(self._timed, work)
        future.add_done_callback(lambda done: _call_soon(loop, self._done, done, ended))
        return await asyncio.wait_for(asyncio.wrap_future(future), self._deadline)

    def _timed(self, work: Callable[[], Response]) -> Response:
        began = perf_counter()
        try:
            return work()
        finally:
            self._seconds += WEIGHT * (perf_counter() - began - self._seconds)

    def _done(self, future: Future[Response], ended: Callable[[bool], None]) -> None:
        self._requests -= 1
        ended(future.cancelled())


def _call_soon(loop: asyncio.AbstractEventLoop, *call: object) -> None:
    try:
        loop.call_soon_threadsafe(*call)  # type: ignore[arg-type]
    except RuntimeError:  # the loop is closed: the worker is about to end
        return
