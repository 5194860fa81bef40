"""What a worker shares with the others of its service."""

from __future__ import annotations

from ctypes import c_int64
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawValue

from service.access.rate_limit import Rates
from service.observability.shared_counters import Counters


@dataclass
class Shared:
    """Made by gunicorn's master before it forks; by default, what a process has that is alone.

    Attributes:
        counters: a slot for each worker.
        slot: of the worker that is forked next, then this worker's own.
        key_rates: of each key.
        sender_rates: of whoever sends corrections.
        last_good: the version that a worker loaded last; 0 before.
    """

    counters: Counters = field(default_factory=Counters)
    slot: int = 0
    key_rates: Rates = field(default_factory=Rates)
    sender_rates: Rates = field(default_factory=Rates)
    last_good: c_int64 = field(default_factory=lambda: RawValue(c_int64))
