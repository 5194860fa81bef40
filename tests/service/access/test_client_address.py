"""Who sends a correction, by his address, and how often he may."""

import pytest

from models.errors import RateLimited
from service.access.client_address import PER_MINUTE, Senders, sender
from service.access.rate_limit import Rates


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("8.8.4.4", "", "8.8.4.4"),
        ("8.8.4.4", "1.1.1.1", "8.8.4.4"),  # who is no proxy may write what he likes
        ("10.0.0.7", "1.1.1.1", "1.1.1.1"),
        ("127.0.0.1", "9.9.9.9, 1.1.1.1", "1.1.1.1"),  # the proxy wrote only the last
        ("10.0.0.7", "unknown", "10.0.0.7"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("2606:4700:1:2:3:4:5:6", "", "2606:4700:1:2::"),
        ("fd00::1", "2606:4700:1:2:9::1", "2606:4700:1:2::"),
        ("::ffff:8.8.4.4", "", "8.8.4.4"),
        ("::ffff:10.0.0.7", "1.1.1.1", "1.1.1.1"),
        ("", "1.1.1.1", ""),
    ],
)
def test_the_address_is_the_one_that_a_sender_cannot_choose(peer, forwarded_for, address):
    assert sender(peer, forwarded_for) == address


def test_each_sender_has_a_rate_of_his_own():
    senders = Senders(Rates())
    for _ in range(PER_MINUTE):
        senders.admit("1.1.1.1")
    with pytest.raises(RateLimited, match=r"20 corrections a minute") as refused:
        senders.admit("1.1.1.1")
    assert 1 <= refused.value.retry_after <= 60 / PER_MINUTE
    senders.admit("8.8.4.4")
