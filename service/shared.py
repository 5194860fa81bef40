"""What a worker shares with the others of its service."""

from __future__ import annotations

from collections.abc import MutableSequence
from ctypes import c_int64
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawValue

from service.counters import Counters
from service.keys import arrivals


@dataclass
class Shared:
    """Made by gunicorn's master before it forks; by default, what a process has that is alone.

    Attributes:
        counters: a slot for each worker.
        slot: of the worker that is forked next, then this worker's own.
        arrivals: of the requests of each key.
        last_good: the version that a worker loaded last; 0 before.
    """

    counters: Counters = field(default_factory=Counters)
    slot: int = 0
    arrivals: MutableSequence[float] = field(default_factory=arrivals)
    last_good: c_int64 = field(default_factory=lambda: RawValue(c_int64))
