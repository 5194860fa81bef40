"""What a request costs the service and others, and what is wrong with that."""

from __future__ import annotations

from dataclasses import dataclass

from service.config import Config

LATE = Config().deadline_seconds + 0.2
"""Seconds within which each request must be answered."""
OTHERS_WAIT = 0.05
"""Seconds that a question after its health may take beyond its median."""
LOOP = 0.005
"""Processor time that the event loop may take for a request, in seconds."""
GROWTH = 20 << 20
"""Bytes that the worker may grow by, whatever is sent."""
LINES = 200
"""Lines that all requests of an input may write to the log together; libraries write one or two for each."""
NO_DOCUMENT = "no document"
"""Code of a response over 399 that says nothing."""
REFUSED = (503, 504)
"""Statuses over 499 that the service declares."""


@dataclass
class Cost:
    """What became of a request.

    Attributes:
        status: of the response; 0 if the connection was closed without one.
        code: of a problem; empty for none.
        seconds: until the response was whole.
        others: longest that another client waited for the service's health meanwhile, beyond what is usual and beyond
            what it and the worker waited for a processor, in seconds.
        loop: processor time that the worker's event loop took, in seconds.
        growth: bytes by which the worker was larger, at its largest, than when the watch began.
    """

    status: int
    code: str
    seconds: float
    others: float
    loop: float
    growth: int


def errors(cost: Cost) -> list[str]:
    """Say what is wrong with a response and with the memory that it took, whatever the time."""
    found = []
    if cost.status == 0:
        found.append("no answer")
    if cost.status >= 500 and cost.status not in REFUSED:
        found.append(f"status {cost.status}")
    if cost.code == NO_DOCUMENT:
        found.append(f"status {cost.status} without a reason")
    if cost.growth > GROWTH:
        found.append(f"the worker grew by {cost.growth >> 20} MiB")
    return found


def log_faults(log: list[str]) -> list[str]:
    """Say what is wrong with what the service wrote to its log for one input."""
    found = [
        f"logged: {line.strip()}" for line in log if "Traceback" in line or "the process that read it ended" in line
    ]
    return [*found, f"{len(log)} lines in the log"] if len(log) > LINES else found


def slowness(cost: Cost) -> list[str]:
    """Say what took too long."""
    found = []
    if cost.seconds > LATE:
        found.append(f"answered after {cost.seconds:.1f} s")
    if cost.others > OTHERS_WAIT:
        found.append(f"others waited {cost.others * 1000:.0f} ms")
    if cost.loop > LOOP:
        found.append(f"the event loop computed for {cost.loop * 1000:.1f} ms")
    return found
