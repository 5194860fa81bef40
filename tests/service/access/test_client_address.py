"""The address of a client, and how often it may send corrections."""

import pytest

from models.errors import RateLimited
from service.access.client_address import PER_MINUTE, CorrectionRates, client_address
from service.access.rate_limit import LocalRates
from service.config import Config, networks

TRUSTED = networks("DIGITS_TRUSTED_PROXIES", "10.0.0.0/24,127.0.0.1,fd00::/64")


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("8.8.4.4", "", "8.8.4.4"),
        ("8.8.4.4", "1.1.1.1", "8.8.4.4"),  # the peer is not a proxy, so the header is not believed
        ("10.0.1.7", "1.1.1.1", "10.0.1.7"),  # nor is one in another private network
        ("192.168.0.7", "1.1.1.1", "192.168.0.7"),
        ("10.0.0.7", "1.1.1.1", "1.1.1.1"),
        ("127.0.0.1", "9.9.9.9, 1.1.1.1", "1.1.1.1"),  # the proxy appended only the last
        ("127.0.0.1", "9.9.9.9, 1.1.1.1, 10.0.0.7, 10.0.0.8", "1.1.1.1"),  # three proxies
        ("127.0.0.1", "10.0.0.7,10.0.0.8", "10.0.0.7"),  # a client among the proxies
        ("10.0.0.7", "1.1.1.1, unknown", "10.0.0.7"),
        ("10.0.0.7", "1.1.1.1, unknown, 10.0.0.8", "10.0.0.8"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("10.0.0.7", ",,", "10.0.0.7"),
        ("2606:4700:1:2:3:4:5:6", "", "2606:4700:1:2::"),
        ("fd00::1", "2606:4700:1:2:9::1", "2606:4700:1:2::"),
        ("fd00:1::1", "2606:4700:1:2:9::1", "fd00:1::"),
        ("::ffff:8.8.4.4", "", "8.8.4.4"),
        ("::ffff:10.0.0.7", "1.1.1.1", "1.1.1.1"),
        ("", "1.1.1.1", ""),
    ],
)
def test_the_address_is_one_that_a_client_cannot_forge(peer, forwarded_for, address):
    assert client_address(peer, forwarded_for, TRUSTED) == address


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.7", "8.8.4.4"])
def test_nobody_is_trusted_by_default(peer):
    assert client_address(peer, "1.1.1.1", Config().trusted_proxies) == peer


def test_each_client_has_a_rate_of_its_own():
    rates = CorrectionRates(LocalRates())
    for _ in range(PER_MINUTE):
        rates.acquire("1.1.1.1")
    with pytest.raises(RateLimited, match=r"20 corrections a minute") as refused:
        rates.acquire("1.1.1.1")
    assert 1 <= refused.value.retry_after <= 60 / PER_MINUTE
    rates.acquire("8.8.4.4")


def test_what_is_taken_back_has_a_rate_of_its_own():
    rates = CorrectionRates(LocalRates())
    for _ in range(PER_MINUTE):
        rates.acquire("1.1.1.1")
        rates.acquire("1.1.1.1", "take back")
    with pytest.raises(RateLimited, match=r"take back 20 corrections a minute"):
        rates.acquire("1.1.1.1", "take back")
