"""How much work a worker takes at once, so that what it takes is answered in time and memory stays bounded."""

from __future__ import annotations

import threading
from http import HTTPStatus
from time import monotonic
from typing import Protocol

from service.errors import overloaded
from service.observability.metrics import Metrics

BODIES = 4
"""Bodies of the largest size that a worker holds at once."""
ARRIVING_BODIES = 2
"""Bodies of the largest size of which parts may be held while the rest arrives."""
QUICK = 256_000.0
"""Bytes a second at which a body that arrives is left in peace when there is no room for another."""


class Sender(Protocol):
    """A connection on which bodies arrive."""

    def rate(self, now: float) -> float:
        """Return the latest rate of the body that arrives, in bytes a second; infinite if none is held."""

    def refuse(self, status: HTTPStatus) -> None:
        """End the connection."""


class Admission:
    """Counts the requests in progress in one worker, and the bytes of all bodies that it holds.

    A request counts from the moment that its body is whole, so that slow senders take no place. Bodies that are not
    whole may take half of the bytes. Once they do, the sender that is slowest lately is ended, if it is not QUICK, so
    that nobody can keep others out by bodies that never end. If all are quick, the one that wants more is refused: they
    are done soon.

    Args:
        max_requests: largest number of requests in progress.
        max_bytes: largest size of one body; BODIES times as much may be held, and ARRIVING_BODIES times as much of
            bodies that are not whole.
        metrics: told of the number of requests in progress.

    Attributes:
        senders: connections that are read.
    """

    def __init__(self, max_requests: int, max_bytes: int, metrics: Metrics) -> None:
        self._metrics = metrics
        self._max_requests = max_requests
        self._max_bytes = BODIES * max_bytes
        self._max_arriving = ARRIVING_BODIES * max_bytes
        self._lock = threading.Lock()  # pools return places from their threads
        self._requests = 0
        self._bytes = 0
        self._arriving = 0
        self.senders: set[Sender] = set()

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

    def hold(self, size: int, sender: Sender) -> None:
        """Count `size` more bytes of a body that arrives, on the event loop alone; return them with `drop`.

        Raises:
            Overloaded: too many bytes are held.
        """
        if self._bytes + size > self._max_bytes:
            raise overloaded()
        while self._arriving + size > self._max_arriving:
            self._end_slowest(sender)
        self._bytes += size
        self._arriving += size

    def finish(self, size: int) -> None:
        """Count a body of `size` bytes as whole."""
        self._arriving -= size

    def drop(self, size: int, arriving: bool = False) -> None:
        """Return `size` bytes of a body that is whole, or still arriving."""
        self._bytes -= size
        if arriving:
            self._arriving -= size

    def _end_slowest(self, sender: Sender) -> None:
        """End the slowest sender of all.

        Raises:
            Overloaded: it is `sender` itself, or quick enough.
        """
        now = monotonic()
        slowest = min(self.senders, key=lambda other: other.rate(now), default=sender)
        if slowest is sender or slowest.rate(now) >= QUICK:
            raise overloaded()
        slowest.refuse(HTTPStatus.REQUEST_TIMEOUT)
