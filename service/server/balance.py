"""Keeps the connections of all workers even: each ends after some responses, and the worker with fewer accepts first.

A client that keeps its connection keeps its worker, and when a worker dies, its clients connect to the others long
before a new worker has taken its place. With this the full rate is back 0.5 to 0.8 s after a kill (16 and 64
connections, 2026-11-29), where the new worker would idle for as long as the clients stay.
"""

from __future__ import annotations

import random

from service.observability.shared_counters import Counters, Slot

RESPONSES = 300
"""Responses of a connection, on average, before its client must connect again; that costs less than 1 % of the rate."""


class Balance:
    """Counts the connections of a worker beside those of the others.

    Args:
        counters: of all workers.
        mine: this worker's slot, claimed already.
    """

    def __init__(self, counters: Counters, mine: Slot) -> None:
        self._counters = counters
        self._mine = mine

    def opened(self) -> int:
        """Count a new connection. Return the number of responses after which it should end."""
        self._mine.connections += 1
        return random.randint(RESPONSES // 2, RESPONSES + RESPONSES // 2)

    def closed(self) -> None:
        """Count a connection less."""
        self._mine.connections -= 1

    def is_ahead(self) -> bool:
        """Whether this worker holds more connections than another, which should accept the next one."""
        held = self._mine.connections
        return held > 0 and any(slot.connections < held for slot in self._counters.slots if slot.owner)
