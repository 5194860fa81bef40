"""What a process may take of the machine while it reads a stranger's body."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from pathlib import Path

NICENESS = 5
"""How far a process stands back for its worker's event loop, which answers nearly all requests."""
KEPT_MEMORY = 48 << 20
"""Bytes that a process may have grown by and go on; beyond that it ends with its answer, and the memory is free."""


def stand_back() -> None:
    """Let workers go first, and be the first to go if the machine runs out of memory."""
    os.nice(NICENESS)
    with contextlib.suppress(OSError):  # only Linux has it, and a container may forbid it
        Path("/proc/self/oom_score_adj").write_text("1000")


def limit_memory(growth: int) -> None:
    """Let this process allocate `growth` more bytes and write no file; beyond that, allocating fails."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    limit_data(growth, for_good=True)


def limit_data(growth: int, for_good: bool = False) -> None:
    """Let this process allocate `growth` more bytes; it and those that it starts may raise that, if not for good."""
    if sys.platform == "linux":  # macOS does not count
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        limit = pages * resource.getpagesize() + growth
        most = limit if for_good else resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


def limit_processor(seconds: float) -> None:
    """Let this process compute for `seconds` from now on, after which SIGPROF ends it; 0 for no limit."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def peak_memory() -> int:
    """Return the most bytes that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
