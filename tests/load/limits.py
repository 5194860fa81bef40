"""The limits of a run, and which of them it broke."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """The figures of a whole run."""

    requests: int
    failures: int
    requests_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return (
            f"{self.requests_per_second:,.0f} requests/s, p50 {self.p50_ms:,.0f} ms, p95 {self.p95_ms:,.0f} ms, "
            f"p99 {self.p99_ms:,.0f} ms, {self.failures:,} failures of {self.requests:,}"
        )


@dataclass(frozen=True)
class Limits:
    """The limits of a run; None means no limit."""

    max_p99_ms: float | None = None
    min_requests_per_second: float | None = None
    max_failures: int | None = 0

    def broken(self, outcome: Outcome) -> list[str]:
        """Describe each limit that the run broke in a line."""
        broken = []
        if not outcome.requests:
            broken.append("there was no request")
        if self.max_p99_ms is not None and outcome.p99_ms > self.max_p99_ms:
            broken.append(f"p99 is {outcome.p99_ms:,.0f} ms, over --max-p99 {self.max_p99_ms:g}")
        if self.min_requests_per_second is not None and outcome.requests_per_second < self.min_requests_per_second:
            rate = f"{outcome.requests_per_second:,.0f} requests/s"
            broken.append(f"{rate}, under --min-rps {self.min_requests_per_second:g}")
        if self.max_failures is not None and outcome.failures > self.max_failures:
            broken.append(f"{outcome.failures:,} failures, over --max-failures {self.max_failures}")
        return broken
