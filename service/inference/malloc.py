"""What glibc does with memory that is free; other C libraries do as they like."""

from __future__ import annotations

import ctypes
from typing import Any

LARGE = 4 << 20
"""Bytes of a block that goes back to the system when it is freed, as a photo's pixels do."""
KEPT = 16 << 20
"""Bytes that stay, free, for the next."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of malloc.h."""


def keep_for_the_next() -> None:
    """Keep what a drawing's pixels took: given back and asked for again, its page faults cost more than decoding it."""
    if configure := _function("mallopt"):
        configure(_MMAP_THRESHOLD, LARGE)
        configure(_TRIM_THRESHOLD, KEPT)


def give_back() -> None:
    """Return what is free to the system: glibc would keep a model's worth, 30 MB, for each thread that loaded one."""
    if trim := _function("malloc_trim"):
        trim(0)


def _function(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
