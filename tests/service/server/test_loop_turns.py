"""The event loop's time is divided: a turn answers a bounded number of requests, in the order of their arrival."""

from __future__ import annotations

import asyncio

from service.server.loop_turns import PER_TURN, LoopTurns


def answer(requests: int) -> list[list[int]]:
    """Ask for many requests at once; return which were answered in each turn of the loop."""
    turns: list[list[int]] = [[]]

    async def ask() -> None:
        loop_turns = LoopTurns()
        done = asyncio.Event()

        def attempt(n: int) -> None:
            if loop_turns.admit(lambda: attempt(n)):
                turns[-1].append(n)
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
    assert answer(PER_TURN) == [list(range(PER_TURN))]


def test_many_requests_are_answered_in_order_over_several_turns():
    turns = answer(5 * PER_TURN + 1)
    assert [len(turn) for turn in turns] == [PER_TURN] * 5 + [1]
    assert [n for turn in turns for n in turn] == list(range(5 * PER_TURN + 1))
