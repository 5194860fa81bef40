"""Rate limits by the generic cell rate algorithm (ITU-T I.371), in memory that workers share."""

from __future__ import annotations

import hashlib
import time
from collections.abc import MutableSequence
from multiprocessing.sharedctypes import RawArray
from typing import NamedTuple, Protocol

PLACES = 4096
"""Rates that memory holds; two identifiers share a place once in so many."""
_SLACK = 1e-9


class Rate(NamedTuple):
    """A rate and whose it is.

    Attributes:
        id: hash of the identifier, 64 hexadecimal digits.
        place: index into PLACES.
        interval: seconds between requests in the long run.
        burst: seconds of the rate that may be used at once after a pause.
    """

    id: str
    place: int
    interval: float
    burst: float

    @classmethod
    def create(cls, identifier: str, interval: float, burst: float) -> Rate:
        """Create the rate of an identifier, which is hashed and cannot be recovered."""
        digest = hashlib.sha256(identifier.encode()).hexdigest()
        return cls(digest, int(digest[:8], 16) % PLACES, interval, burst)


class RateStore(Protocol):
    """Where rates are kept."""

    remote: bool
    """Whether `acquire` asks another process, so that an event loop must not call it."""

    def acquire(self, rate: Rate) -> float:
        """Count a request. Return 0 if the rate allows it, else the seconds until it does."""


class LocalRates:
    """Rates of one machine. If they are made before workers are forked, the workers share them."""

    remote = False

    def __init__(self) -> None:
        # When the next request of each place is due, by the monotonic clock.
        self._due: MutableSequence[float] = RawArray("d", PLACES)

    def acquire(self, rate: Rate) -> float:
        now = time.monotonic()
        due = max(self._due[rate.place], now)
        wait = due - now - rate.burst + rate.interval
        if wait > _SLACK:
            return wait
        self._due[rate.place] = due + rate.interval
        return 0.0
