"""All workers hold about as many connections, also after one of them was replaced."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from service.observability.shared_counters import Counters
from service.server.balance import Balance
from tests import serving
from tests.service.steady import CONCURRENCY, Steady, until


@pytest.mark.parametrize(
    ("mine", "theirs", "closed"),
    [
        (0, [0], 0),
        (1, [0], 0),
        (2, [0], 1),
        (16, [0], 8),
        (9, [7], 0),
        (10, [6], 0),
        (11, [5], 3),
        (5, [11], 0),
        (12, [0, 0], 8),
        (3, [], 0),
    ],
)
def test_a_worker_closes_the_connections_beyond_its_share(mine, theirs, closed):
    counters = Counters(1 + len(theirs) + 1)  # one slot has no owner
    for slot, held in zip(counters.slots, [mine, *theirs], strict=False):
        slot.claim()
        slot.connections = held
    balance = Balance(counters, counters.slots[0])
    balance.check()
    assert [balance.should_close() for _ in range(closed + 1)] == [True] * closed + [False]


def test_a_worker_that_replaces_a_dead_one_begins_without_connections():
    counters = Counters(1)
    counters.slots[0].claim()
    counters.slots[0].connections = 16
    counters.slots[0].claim()
    assert counters.slots[0].connections == 0


def test_a_new_worker_gets_its_share_of_clients_that_keep_their_connections(encode, splits):
    with serving.service(WORKERS="2") as (url, master), Steady(url, encode(splits.test.digits[0])) as load:
        until(lambda: sum(map(connections, serving.workers(master))) >= CONCURRENCY)
        killed = serving.workers(master)[0]
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(now := serving.workers(master)) == 2 and killed not in now)
        until(lambda: all(abs(a - b) <= 4 for a, b in pairwise(map(connections, serving.workers(master)))))
        answered, failed = len(load.answers), len(load.failures)
        until(lambda: len(load.answers) > answered + 2000)
    assert len(load.failures) == failed <= CONCURRENCY


def connections(pid: int) -> int:
    """Count the established TCP connections of a process."""
    sockets = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            sockets.add(os.readlink(file))
    table = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return sum(f"socket:[{row[9]}]" in sockets for row in table if row[3] == "01")
