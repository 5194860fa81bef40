"""How much is let in at once, so that what is let in is answered in time and memory stays bounded."""

from __future__ import annotations

from models.errors import DeadlineExceeded, Overloaded
from service.config import Config
from service.observability.metrics import Metrics

BODIES = 4
"""Bodies of the largest size that may be held at once."""


class Admission:
    """Counts the requests being worked on in one worker, and the bytes of all bodies that have come in.

    Who sends slowly takes no place: a request counts from the moment that its body is whole.

    Args:
        config: its `max_queue` requests, and `BODIES` times its `max_bytes`, are the limits.
        metrics: hear of the depth of the queue.
    """

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._metrics = metrics
        self._most_requests = config.max_queue
        self._most_bytes = BODIES * config.max_bytes
        self._requests = 0
        self._bytes = 0

    def enter(self) -> None:
        """Take a place in the queue; give it back with `leave`.

        Raises:
            Overloaded: there is none.
        """
        if self._requests >= self._most_requests:
            raise overloaded()
        self._requests += 1
        self._metrics.depth(self._requests)

    def leave(self) -> None:
        """Give back a place."""
        self._requests -= 1
        self._metrics.depth(self._requests)

    def hold(self, size: int) -> None:
        """Take in `size` bytes more; give them back with `release`.

        Raises:
            Overloaded: too many are held.
        """
        if self._bytes + size > self._most_bytes:
            raise overloaded()
        self._bytes += size

    def release(self, size: int) -> None:
        """Give back what was held."""
        self._bytes -= size


def overloaded() -> Overloaded:
    """The refusal of a request for which there is no room."""
    return Overloaded("overloaded", "The service has all the work it can do in time; try again in a second.")


def too_late(config: Config) -> DeadlineExceeded:
    """The refusal of a request that could not be answered in time."""
    detail = f"There was no answer within {config.deadline_seconds:g} s; send less at a time, or later."
    return DeadlineExceeded("deadline_exceeded", detail)
