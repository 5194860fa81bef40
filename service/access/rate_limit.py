"""How often somebody may ask, kept with the generic cell rate algorithm (ITU-T I.371) in memory that workers share."""

from __future__ import annotations

import hashlib
import time
from collections.abc import MutableSequence
from multiprocessing.sharedctypes import RawArray
from typing import NamedTuple, Protocol

PLACES = 4096
"""Places for rates; two who ask share one once in so many."""
_SLACK = 1e-9


class Rate(NamedTuple):
    """How often one may ask.

    Attributes:
        id: of whom it is, 64 hexadecimal digits.
        place: of it in a process's memory.
        interval: seconds from one request to the next, in the long run.
        burst: seconds; who was silent may ask as much at once as he may ask in so long.
    """

    id: str
    place: int
    interval: float
    burst: float

    @classmethod
    def of(cls, who: str, interval: float, burst: float) -> Rate:
        """The rate of someone, of whom nobody can tell from it who he is."""
        digest = hashlib.sha256(who.encode()).hexdigest()
        return cls(digest, int(digest[:8], 16) % PLACES, interval, burst)


class Keeper(Protocol):
    """Who keeps rates."""

    distant: bool
    """Whether asking takes so long that an event loop must not wait for it."""

    def take(self, rate: Rate) -> float:
        """Count a request; seconds after which it may come again if it was not let in, else 0."""

    async def take_soon(self, rate: Rate) -> float:
        """As `take`, for an event loop."""


class Rates:
    """Rates of one machine. Made before workers are forked, they share them."""

    distant = False

    def __init__(self) -> None:
        # When each one's next request is due, by the monotonic clock.
        self._due: MutableSequence[float] = RawArray("d", PLACES)

    def take(self, rate: Rate) -> float:
        now = time.monotonic()
        due = max(self._due[rate.place], now)
        wait = due - now - rate.burst + rate.interval
        if wait > _SLACK:
            return wait
        self._due[rate.place] = due + rate.interval
        return 0.0

    async def take_soon(self, rate: Rate) -> float:
        return self.take(rate)
