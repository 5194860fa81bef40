"""Settings of glibc's malloc; other C libraries ignore them."""

from __future__ import annotations

import ctypes
from typing import Any

LARGE_BYTES = 4 << 20
"""Size from which a freed block returns to the system, as a photo's pixels do."""
KEPT_BYTES = 16 << 20
"""Free memory that is kept for later blocks."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt, from malloc.h."""


def keep_free_memory() -> None:
    """Keep the memory of small drawings: the page faults of asking for it again cost more than decoding does."""
    if mallopt := _function("mallopt"):
        mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)


def release_free_memory() -> None:
    """Return free memory to the system; glibc would keep a model's worth for each thread that loaded one."""
    if malloc_trim := _function("malloc_trim"):
        malloc_trim(0)


def _function(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
