"""How much work a worker takes at once, so that what it takes is answered in time and memory stays bounded."""

from __future__ import annotations

import threading

from service.errors import overloaded
from service.observability.metrics import Metrics

BODIES = 4
"""Bodies of the largest size that a worker holds at once."""


class Admission:
    """Counts the requests in progress in one worker, and the bytes of all bodies that it holds.

    A request counts from the moment that its body is whole, so that slow senders take no place.

    Args:
        max_requests: largest number of requests in progress.
        max_bytes: largest size of one body; BODIES times as much may be held.
        metrics: told of the number of requests in progress.
    """

    def __init__(self, max_requests: int, max_bytes: int, metrics: Metrics) -> None:
        self._metrics = metrics
        self._max_requests = max_requests
        self._max_bytes = BODIES * max_bytes
        self._lock = threading.Lock()  # pools return places from their threads
        self._requests = 0
        self._bytes = 0

    def acquire(self) -> None:
        """Take a place for a request; return it with `release`.

        Raises:
            Overloaded: there is no place.
        """
        with self._lock:
            if self._requests >= self._max_requests:
                raise overloaded()
            self._requests += 1
            self._metrics.depth(self._requests)

    def release(self) -> None:
        """Return the place of a request."""
        with self._lock:
            self._requests -= 1
            self._metrics.depth(self._requests)

    def hold(self, size: int) -> None:
        """Count `size` more bytes of a body, on the event loop alone; return them with `drop`.

        Raises:
            Overloaded: too many bytes are held.
        """
        if self._bytes + size > self._max_bytes:
            raise overloaded()
        self._bytes += size

    def drop(self, size: int) -> None:
        """Return `size` bytes."""
        self._bytes -= size
