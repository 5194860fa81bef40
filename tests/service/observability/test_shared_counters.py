"""Counters of several processes, which any of them can sum."""

import os

import pytest

from service.observability.shared_counters import COUNT, NUMBERS, Counters, SlotFull


def in_a_child(work):
    """Run `work` in a forked process, as in a worker."""
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def count(slot, times, *key):
    slot.claim()
    number = slot.index(*key)
    for _ in range(times):
        slot.numbers[number] += 1


def test_the_counters_of_all_processes_are_summed():
    counters = Counters(2)
    in_a_child(lambda: count(counters.slots[0], 3, "asked", "/predict"))
    in_a_child(lambda: count(counters.slots[1], 4, "asked", "/predict"))
    in_a_child(lambda: count(counters.slots[1], 1, "asked", "/"))
    assert counters.total() == {("asked", "/predict"): 7, ("asked", "/"): 1}


def test_a_process_that_takes_over_a_slot_goes_on_from_its_numbers():
    counters = Counters(1)
    in_a_child(lambda: count(counters.slots[0], 3, "asked"))
    in_a_child(lambda: count(counters.slots[0], 2, "asked"))
    assert counters.total() == {("asked",): 5}


def test_a_slot_of_a_dead_process_has_no_owner():
    slot = Counters(1).slots[0]
    assert slot.owner is None
    in_a_child(slot.claim)
    assert slot.owner is None
    slot.claim()
    assert slot.owner == os.getpid()


def test_a_key_may_hold_any_text():
    slot = Counters(1).slots[0]
    for key in (("a b\n", '"quoted"'), ("ü",), ("",)):
        slot.numbers[slot.index(*key)] += 1
        assert dict(slot.items())[key] == 1


def test_a_full_slot_refuses_another_counter():
    slot = Counters(1).slots[0]
    for n in range(NUMBERS):
        slot.index("n", str(n))
    with pytest.raises(SlotFull, match=f"there are {NUMBERS} numbers"):
        slot.index("one more")
    assert slot.index("n", "7") == 7


def test_a_process_that_dies_while_it_adds_a_counter_leaves_the_others_right():
    slot = Counters(1).slots[0]
    in_a_child(lambda: count(slot, 1, "first"))

    def add_half():
        slot.claim()
        slot.index("half")
        slot._header[COUNT] -= 1  # as if it had been killed just before it counted the key

    in_a_child(add_half)
    in_a_child(lambda: count(slot, 2, "next"))
    in_a_child(lambda: count(slot, 3, "last"))
    assert dict(slot.items()) == {("first",): 1, ("next",): 2, ("last",): 3}
