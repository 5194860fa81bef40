"""All workers hold about as many connections, also after one of them was replaced."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from service.observability.shared_counters import Counters
from service.server.balance import RESPONSES, Balance
from tests import serving
from tests.service.steady import CONCURRENCY, Steady, until


@pytest.mark.parametrize(
    ("mine", "others", "ahead"),
    [
        (0, [0], False),
        (1, [0], True),
        (1, [1], False),
        (2, [1], True),
        (1, [2], False),
        (2, [3, 1], True),
        (3, [], False),
    ],
)
def test_a_worker_is_ahead_if_another_holds_fewer_connections(mine, others, ahead):
    counters = Counters(1 + len(others) + 1)  # one slot has no owner
    for slot, held in zip(counters.slots, [mine, *others], strict=False):
        slot.claim()
        slot.connections = held
    assert Balance(counters, counters.slots[0]).is_ahead() == ahead


def test_a_connection_ends_after_some_responses_and_says_so(url):
    with requests.Session() as session:
        closing = [session.get(f"{url}/health/live", timeout=5).headers.get("Connection") for _ in range(2 * RESPONSES)]
    assert RESPONSES // 2 - 1 <= closing.index("close") < RESPONSES + RESPONSES // 2
    assert closing.count("close") <= 4


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
