"""The measurements of one contestant, round by round."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.benchmarks.contestant import Contestant
from tests.benchmarks.wrk import Load


@dataclass
class Record:
    contestant: Contestant
    versions: dict[str, str] = field(default_factory=dict)  # library -> version
    start_up_s: list[float] = field(default_factory=list)  # from start to the first right answer, a round each
    memory_mib: list[float] = field(default_factory=list)  # after the loads, a round each
    loads: dict[tuple[str, int], list[Load]] = field(default_factory=dict)  # (payload, concurrency) -> a round each
    failure: str | None = None  # why it was left out, in one line

    def rates(self, payload: str, concurrency: int) -> list[float]:
        """Requests per second, a round each."""
        return [load.requests_per_second for load in self.loads[payload, concurrency]]

    def fail(self, reason: str) -> None:
        """Leave the contestant out. Earlier rounds are dropped, so that every number stands for every round."""
        self.failure = reason
        self.start_up_s.clear()
        self.memory_mib.clear()
        self.loads.clear()
