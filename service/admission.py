"""How much is let in at once, so that what is let in is answered in time and memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import Overloaded
from service.config import Config

BODIES = 4
"""Bodies of the largest size that may be held at once."""


class Admission:
    """Counts the requests under way in one worker, and their bytes.

    Args:
        config: its `max_queue` requests, and `BODIES` times its `max_bytes`, are the limits.
    """

    def __init__(self, config: Config) -> None:
        self._most_requests = config.max_queue
        self._most_bytes = BODIES * config.max_bytes
        self.requests = 0
        self.bytes = 0

    @contextmanager
    def admit(self, length: int) -> Iterator[None]:
        """Hold a place for a request whose body has `length` bytes.

        Raises:
            Overloaded: there is none.
        """
        if self.requests >= self._most_requests or self.bytes + length > self._most_bytes:
            raise Overloaded("overloaded", "The service has all the work it can do in time; try again in a second.")
        self.requests += 1
        self.bytes += length
        try:
            yield
        finally:
            self.requests -= 1
            self.bytes -= length
