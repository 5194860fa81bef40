"""Counters that each worker adds to and any worker can sum, so that `/metrics` is right whichever worker answers.

A worker owns one slot of shared memory, and counting is an addition in place: there are no files to clean up, and it
costs a fraction of prometheus_client's multiprocess mode. A worker that replaces a dead one takes over its slot and its
numbers, so that counters never fall.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from itertools import islice

import numpy as np
import orjson

from service.observability.shared_memory import shared_memory

NUMBERS = 4096
"""Largest number of counters in a slot."""
KEY_BYTES = 1 << 18
HEADER = 4
"""Doubles before the counters: the owner's process id, the number of counters, the bytes of their keys, and the
connections that the owner holds."""
SLOT_BYTES = 8 * (HEADER + NUMBERS) + KEY_BYTES
OWNER, COUNT, LENGTH, CONNECTIONS = range(HEADER)

Key = tuple[str, ...]
"""The name of a metric and the values of its labels."""


class SlotFull(Exception):
    """The slot has no room for another counter."""


class Slot:
    """The counters of one worker.

    Attributes:
        numbers: the counters; add to one in place while holding `lock`: `numbers[index(key)] += 1`.

    Args:
        memory: SLOT_BYTES of shared memory.
    """

    def __init__(self, memory: memoryview) -> None:
        self.lock = threading.Lock()
        self._header = memory[: 8 * HEADER].cast("d")
        self.numbers = memory[8 * HEADER : 8 * (HEADER + NUMBERS)].cast("d")
        self._keys = memory[8 * (HEADER + NUMBERS) :]
        self._indices: dict[Key, int] = {}
        self._read: dict[Key, int] = {}  # keys that were read from the memory, and their indices
        self._read_bytes = 0

    def claim(self) -> None:
        """Make this process the owner; its counters go on from those of the previous owner."""
        self._header[OWNER] = os.getpid()
        self.connections = 0
        self._indices = dict(self.keys())
        self._header[LENGTH] = self._read_bytes  # the previous owner may have died while it added a key

    @property
    def owner(self) -> int | None:
        """Return the process id of the owner; None if no living process owns the slot."""
        pid = int(self._header[OWNER])
        return pid if pid and os.path.exists(f"/proc/{pid}") else None

    @property
    def connections(self) -> int:
        """Return the number of connections that the owner holds."""
        return int(self._header[CONNECTIONS])

    @connections.setter
    def connections(self, number: int) -> None:
        self._header[CONNECTIONS] = number

    def index(self, *key: str) -> int:
        """Return the index of a counter; a new counter starts at 0.

        Raises:
            SlotFull: there is no room for a new counter.
        """
        found = self._indices.get(key)
        return self._add(key) if found is None else found

    def items(self) -> Iterator[tuple[Key, float]]:
        """Yield every counter and its value."""
        return zip(self.keys(), self.numbers, strict=False)

    def value(self, *key: str) -> float:
        """Return a counter's value; 0 if there is none."""
        index = self.keys().get(key)
        return 0.0 if index is None else self.numbers[index]

    def keys(self) -> dict[Key, int]:
        """Return the index of each counter, in their order; each key is read once, since none changes."""
        if new := int(self._header[COUNT]) - len(self._read):
            lines = bytes(self._keys[self._read_bytes : int(self._header[LENGTH])]).splitlines(keepends=True)[:new]
            for key in orjson.loads(b"[" + b",".join(lines) + b"]"):
                self._read[tuple(key)] = len(self._read)
            self._read_bytes += sum(map(len, lines))
        return self._read

    def _add(self, key: Key) -> int:
        with self.lock:
            if key in self._indices:
                return self._indices[key]
            count, length = int(self._header[COUNT]), int(self._header[LENGTH])
            line = orjson.dumps(key) + b"\n"
            if count == NUMBERS or length + len(line) > KEY_BYTES:
                raise SlotFull(f"no room for {key}; there are {count} numbers")
            self._keys[length : length + len(line)] = line
            self._header[LENGTH] = length + len(line)
            self._header[COUNT] = count + 1  # last, so that readers see whole keys only
            self._indices[key] = count
            return count


class Counters:
    """The slots of all workers.

    Args:
        slots: largest number of workers alive at once, including those that a reload is replacing.
    """

    def __init__(self, slots: int = 1) -> None:
        memory = shared_memory(slots * SLOT_BYTES)
        self.slots = [Slot(memory[n * SLOT_BYTES : (n + 1) * SLOT_BYTES]) for n in range(slots)]
        self._places: dict[Key, int] = {}  # of each key among the sums
        self._orders: list[list[int]] = [[] for _ in self.slots]  # place of each counter of a slot

    def total(self) -> dict[Key, float]:
        """Sum each counter over all workers, past ones included."""
        for slot, order in zip(self.slots, self._orders, strict=True):
            order += [self._places.setdefault(key, len(self._places)) for key in islice(slot.keys(), len(order), None)]
        sums = np.zeros(len(self._places))
        for slot, order in zip(self.slots, self._orders, strict=True):
            sums[order] += np.asarray(slot.numbers)[: len(order)]
        return dict(zip(self._places, sums.tolist(), strict=True))
