"""Numbers that every worker counts for itself and any worker can add up: what `/metrics` needs to be right.

They live in anonymous memory that gunicorn's master maps before it forks, a slot a worker: no files, nothing to clean
up, and counting is an addition in place, a fraction of what prometheus_client's own multiprocess mode costs. A worker
that takes over the slot of a dead one goes on from its numbers, so that counters never fall.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterator

import orjson

NUMBERS = 4096
"""In a slot, at most."""
KEY_BYTES = 1 << 18
HEADER = 4
"""Doubles before the numbers: the process that counts, how many numbers there are, the bytes of their keys, the
connections that the process holds."""
SLOT_BYTES = 8 * (HEADER + NUMBERS) + KEY_BYTES
OWNER, COUNT, LENGTH, CONNECTIONS = range(HEADER)

Key = tuple[str, ...]
"""A metric's name and the values of its labels."""


class SlotFull(Exception):
    """More numbers than a slot holds."""


class Slot:
    """The numbers of one worker.

    Attributes:
        numbers: add to one in place, holding `lock`: `numbers[index(key)] += 1`.

    Args:
        memory: SLOT_BYTES of it.
    """

    def __init__(self, memory: memoryview) -> None:
        self.lock = threading.Lock()
        self._header = memory[: 8 * HEADER].cast("d")
        self.numbers = memory[8 * HEADER : 8 * (HEADER + NUMBERS)].cast("d")
        self._keys = memory[8 * (HEADER + NUMBERS) :]
        self._indices: dict[Key, int] = {}

    def claim(self) -> None:
        """Count here from now on, from where the last owner stopped."""
        self._header[OWNER] = os.getpid()
        self.connections = 0
        self._indices = {key: n for n, key in enumerate(self._stored_keys())}

    @property
    def owner(self) -> int | None:
        """The living process that counts here."""
        pid = int(self._header[OWNER])
        return pid if pid and os.path.exists(f"/proc/{pid}") else None

    @property
    def connections(self) -> int:
        """That the owner holds."""
        return int(self._header[CONNECTIONS])

    @connections.setter
    def connections(self, number: int) -> None:
        self._header[CONNECTIONS] = number

    def index(self, *key: str) -> int:
        """Where a number is; a new one is 0.

        Raises:
            SlotFull: no room for a new one.
        """
        found = self._indices.get(key)
        return self._add(key) if found is None else found

    def items(self) -> Iterator[tuple[Key, float]]:
        """Every number, whichever process counts it."""
        return zip(self._stored_keys(), self.numbers, strict=False)

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
            self._header[COUNT] = count + 1  # last, so that a reader sees only whole keys
            self._indices[key] = count
            return count

    def _stored_keys(self) -> list[Key]:
        count = int(self._header[COUNT])
        lines = bytes(self._keys[: int(self._header[LENGTH])]).splitlines()
        return [tuple(orjson.loads(line)) for line in lines[:count]]


class Counters:
    """A slot for each of a number of workers.

    Args:
        slots: as many as workers can ever be at once, those that a reload replaces included.
    """

    def __init__(self, slots: int = 1) -> None:
        memory = memoryview(mmap.mmap(-1, slots * SLOT_BYTES))
        self.slots = [Slot(memory[n * SLOT_BYTES : (n + 1) * SLOT_BYTES]) for n in range(slots)]

    def total(self) -> dict[Key, float]:
        """Each number, added up over all workers that there have been."""
        sums: dict[Key, float] = {}
        for slot in self.slots:
            for key, number in slot.items():
                sums[key] = sums.get(key, 0.0) + number
        return sums
