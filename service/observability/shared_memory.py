"""Memory that gunicorn's master maps before it forks, so that all workers see the same numbers."""

from __future__ import annotations

import mmap


def shared_memory(size: int) -> memoryview:
    """Map `size` bytes of zeros that child processes share. Nothing is left behind when the last process ends."""
    return memoryview(mmap.mmap(-1, size))
