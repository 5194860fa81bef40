"""Connections that are shared out evenly stay so: a worker with too many parts with some, and their clients come again.

A client that keeps its connections keeps its worker too. When a worker dies, its clients are with the others at once,
long before another has taken its place, and that one would idle for as long as they stay.
"""

from __future__ import annotations

import asyncio
from math import ceil

from service.observability.shared_counters import Counters, Slot

EVERY = 0.5
"""Seconds between two looks at what the other workers hold."""
TOLERANCE = 0.25
"""Of a fair share, that a worker may hold beyond it."""


class Balance:
    """Counts a worker's connections, and says when one should end.

    Args:
        counters: shared with the other workers.
        mine: this worker's slot of them, claimed already.
    """

    def __init__(self, counters: Counters, mine: Slot) -> None:
        self._counters = counters
        self._mine = mine
        self._surplus = 0
        self._looking = False

    def opened(self) -> None:
        """This worker took a connection."""
        self._mine.connections += 1
        if not self._looking:
            self._look_later()

    def closed(self) -> None:
        """One of its connections is gone."""
        self._mine.connections -= 1

    def parts(self) -> bool:
        """Whether a connection on which an answer is due should end with it. Asked once an answer."""
        if not self._surplus:
            return False
        self._surplus -= 1
        return True

    def look(self) -> None:
        """See how many connections this worker holds beyond its share."""
        held = [slot.connections for slot in self._counters.slots if slot.owner]
        share = ceil(sum(held) / len(held)) if held else 0
        beyond = self._mine.connections - share
        self._surplus = beyond if beyond > TOLERANCE * share else 0

    def _look_later(self) -> None:
        self._looking = True
        asyncio.get_running_loop().call_later(EVERY, self._look_again)

    def _look_again(self) -> None:
        self._looking = False
        self.look()
        if self._mine.connections:
            self._look_later()
