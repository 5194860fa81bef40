"""Workers hold as many connections each, whatever becomes of one of them."""

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
    ("mine", "theirs", "parted"),
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
def test_a_worker_parts_with_what_it_holds_beyond_its_share(mine, theirs, parted):
    counters = Counters(1 + len(theirs) + 1)  # one slot is nobody's
    for slot, held in zip(counters.slots, [mine, *theirs], strict=False):
        slot.claim()
        slot.connections = held
    balance = Balance(counters, counters.slots[0])
    balance.look()
    assert [balance.parts() for _ in range(parted + 1)] == [True] * parted + [False]


def test_a_worker_that_takes_the_place_of_a_dead_one_holds_nothing_yet():
    counters = Counters(1)
    counters.slots[0].claim()
    counters.slots[0].connections = 16
    counters.slots[0].claim()
    assert counters.slots[0].connections == 0


def test_a_worker_started_anew_gets_its_share_of_clients_that_keep_their_connections(encode, splits):
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
    """Established TCP connections that a process holds."""
    sockets = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            sockets.add(os.readlink(file))
    table = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return sum(f"socket:[{row[9]}]" in sockets for row in table if row[3] == "01")
