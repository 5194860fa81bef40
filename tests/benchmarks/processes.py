"""Measure and end a process with all its descendants, through Linux' /proc."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

KILL_SECONDS = 10
"""How long to wait for the kernel to end a killed process."""


def tree(root: int) -> list[int]:
    """List the ids of a process and of all its descendants, the root first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def memory_mib(root: int) -> float:
    """Sum the PSS of a process tree in MiB: a page that n processes share counts once."""
    kib = 0
    for process in tree(root):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            kib += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kib / 1024


@contextlib.contextmanager
def ended(root: int) -> Iterator[None]:
    """Kill, on leaving, those processes of the tree as it was on entering that still run, and wait for their end."""
    handles = []  # unlike ids, these never name another process later
    for process in tree(root):
        with contextlib.suppress(ProcessLookupError):
            handles.append(os.pidfd_open(process))
    try:
        yield
    finally:
        for handle in handles:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        for handle in handles:
            select.select([handle], [], [], KILL_SECONDS)
            os.close(handle)
