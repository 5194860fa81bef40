"""Keeps the connections of all workers even: a worker with too many closes some, and their clients connect again.

A client that keeps its connection keeps its worker. When a worker dies, its clients connect to the others at once, long
before a new worker has taken its place, which would then idle. Closing each connection after a number of responses
would be simpler, but would take as long as the slowest client; this brings back the full rate in a second.
"""

from __future__ import annotations

import asyncio
from math import ceil

from service.observability.shared_counters import Counters, Slot

INTERVAL = 0.5
"""Seconds between two looks at the connections of the other workers."""
TOLERANCE = 0.25
"""Share of a fair number of connections that a worker may hold beyond it."""


class Balance:
    """Counts a worker's connections and tells when to close one.

    Args:
        counters: of all workers.
        mine: this worker's slot, claimed already.
    """

    def __init__(self, counters: Counters, mine: Slot) -> None:
        self._counters = counters
        self._mine = mine
        self._surplus = 0
        self._scheduled = False

    def opened(self) -> None:
        """Count a new connection."""
        self._mine.connections += 1
        if not self._scheduled:
            self._schedule()

    def closed(self) -> None:
        """Count a connection less."""
        self._mine.connections -= 1

    def should_close(self) -> bool:
        """Whether to close a connection after the response that is due; asked once a response."""
        if not self._surplus:
            return False
        self._surplus -= 1
        return True

    def is_ahead(self) -> bool:
        """Whether this worker holds more connections than another, which should accept the next one."""
        held = self._mine.connections
        return held > 0 and any(slot.connections < held for slot in self._counters.slots if slot.owner)

    def check(self) -> None:
        """Compare the connections of this worker with its share."""
        held = [slot.connections for slot in self._counters.slots if slot.owner]
        share = ceil(sum(held) / len(held)) if held else 0
        beyond = self._mine.connections - share
        self._surplus = beyond if beyond > TOLERANCE * share else 0

    def _schedule(self) -> None:
        self._scheduled = True
        asyncio.get_running_loop().call_later(INTERVAL, self._tick)

    def _tick(self) -> None:
        self._scheduled = False
        self.check()
        if self._mine.connections:
            self._schedule()
