"""Whose body is given up when those that arrive take half of what may be held."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from models.errors import Overloaded
from service.access.admission import ARRIVING_BODIES, BODIES, QUICK, Admission
from service.observability.metrics import Metrics

LARGEST = 1000


class Sender:
    """A connection whose body arrives at some rate.

    Args:
        admission: that it is known to.
        rate: bytes a second.
    """

    def __init__(self, admission: Admission, rate: float) -> None:
        self._admission = admission
        self._rate = rate
        self.held = 0
        self.status: HTTPStatus | None = None
        admission.senders.add(self)

    def send(self, size: int) -> None:
        self._admission.hold(size, self)
        self.held += size

    def finish(self) -> None:
        self._admission.finish(self.held)

    def rate(self, now: float) -> float:
        return self._rate

    def refuse(self, status: HTTPStatus) -> None:
        self.status = status
        self._admission.drop(self.held, arriving=True)
        self._admission.senders.discard(self)


@pytest.fixture
def admission():
    return Admission(1, LARGEST, Metrics())


def test_the_slowest_sender_is_ended_for_one_who_needs_its_room(admission):
    slow, slower, quick = (Sender(admission, rate) for rate in (10, 1, QUICK))
    slow.send(900)
    slower.send(900)
    quick.send(900)
    assert (slow.status, slower.status) == (None, HTTPStatus.REQUEST_TIMEOUT)
    quick.send(100)
    quick.send(800)
    assert slow.status == HTTPStatus.REQUEST_TIMEOUT


def test_as_many_as_it_takes_are_ended(admission):
    many = [Sender(admission, n) for n in range(20)]
    for sender in many:
        sender.send(100)
    Sender(admission, QUICK).send(LARGEST)
    assert [sender.status is not None for sender in many] == [True] * 10 + [False] * 10


def test_a_sender_who_wants_more_is_refused_if_the_others_are_quick_or_it_is_the_slowest_itself(admission):
    quick = [Sender(admission, QUICK), Sender(admission, QUICK)]
    for sender in quick:
        sender.send(LARGEST)
    for rate in (QUICK, 1):
        with pytest.raises(Overloaded):
            Sender(admission, rate).send(1)
    assert [sender.status for sender in quick] == [None, None]


def test_whole_bodies_leave_half_of_the_bytes_and_all_come_back(admission):
    for _ in range(3):
        senders = [Sender(admission, QUICK) for _ in range(BODIES)]
        for sender in senders:
            sender.send(LARGEST)
            sender.finish()
        with pytest.raises(Overloaded):
            Sender(admission, QUICK).send(1)
        for sender in senders:
            admission.drop(sender.held)
    assert ARRIVING_BODIES < BODIES
