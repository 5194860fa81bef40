"""The event loop's time is divided: a turn answers a bounded number of requests, in the order of their arrival."""

from __future__ import annotations

import asyncio
from time import perf_counter

from service.config import Config
from service.server.loop_turns import ANSWERING_SECONDS, PER_TURN, LoopTurns
from service.server.request_reader import RequestReader
from service.services import Services
from tests.textbook import NUMBERS, STORE


def answer(requests: int, seconds: float = 0) -> list[list[int]]:
    """Ask for many requests at once, of some time each; return which were answered in each turn of the loop."""
    turns: list[list[int]] = [[]]

    async def ask() -> None:
        loop_turns = LoopTurns()
        done = asyncio.Event()

        def attempt(n: int) -> None:
            if loop_turns.admit(lambda: attempt(n)):
                turns[-1].append(n)
                until = perf_counter() + seconds
                while perf_counter() < until:
                    pass
            if sum(map(len, turns)) == requests:
                done.set()

        for n in range(requests):
            attempt(n)
        while not done.is_set():
            turns.append([])
            await asyncio.sleep(0)

    asyncio.run(ask())
    return [turn for turn in turns if turn]


def test_a_few_requests_are_answered_in_one_turn():
    assert [n for turn in answer(PER_TURN)[:2] for n in turn] == list(range(PER_TURN))


def test_many_requests_are_answered_in_order_over_several_turns():
    turns = answer(5 * PER_TURN + 1)
    assert len(turns) >= 6
    assert max(map(len, turns)) <= PER_TURN
    assert [n for turn in turns for n in turn] == list(range(5 * PER_TURN + 1))


def test_a_turn_is_over_after_a_few_requests_that_take_long():
    turns = answer(30, ANSWERING_SECONDS / 2)
    assert max(map(len, turns)) <= 3
    assert sorted(n for turn in turns for n in turn) == list(range(30))


def test_reading_is_for_a_while_in_each_turn():
    async def read() -> int:
        loop_turns = LoopTurns()
        turns = 0
        for _ in range(3):
            assert loop_turns.may_read_on()
            while loop_turns.may_read_on():
                pass
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(read()) == 3


def test_a_connection_full_of_small_requests_is_read_in_many_turns(tmp_path):
    """All 9,000 took 50 to 70 ms in one."""
    requests = 9000
    services = Services(Config(models=STORE, numbers=NUMBERS, database_url=f"sqlite:///{tmp_path}/corrections.db"))

    async def read() -> list[int]:
        received: list[object] = []
        may_read_on = LoopTurns().may_read_on
        reader = RequestReader(services, "", received.append, lambda: None, lambda: True, may_read_on)
        reader.feed(b"GET / HTTP/1.1\r\nHost:x\r\n\r\n" * requests)
        arrived = [len(received)]
        while reader.unfed:
            await asyncio.sleep(0)
            reader.feed(b"")
            arrived.append(len(received))
        return arrived

    arrived = asyncio.run(read())
    services.close()
    assert arrived[-1] == requests
    assert len(arrived) > 5
    assert arrived[0] < requests / 4
