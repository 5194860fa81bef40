"""The address of a client, and the rate limit of corrections by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from models.errors import RateLimited
from service.access.rate_limit import LocalRates, Rate
from service.config import Network

PER_MINUTE = 20
"""Corrections that one client may send, and as many it may take back; all at once after a minute of none."""
NETWORK = 64
"""Bits of an IPv6 address that identify a network; its owner chooses the others."""


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Find the address that a request comes from.

    Args:
        peer: address of the connection; empty if it has none.
        forwarded_for: header `X-Forwarded-For`, to which each proxy appends the address of its client. Anybody can
            write it, so only what a trusted proxy appended is believed.
        trusted: networks of the proxies.

    Returns:
        An IPv4 address, the network of an IPv6 address, or `peer` unchanged if that is no address.
    """
    address = _address(peer)
    if address is None:
        return peer
    for named in reversed(forwarded_for.split(",")):
        if not any(address in network for network in trusted):
            break
        client = _address(named.strip())
        if client is None:
            break
        address = client
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> (128 - NETWORK) << (128 - NETWORK)))
    return str(address)


class CorrectionRates:
    """Limits the corrections of each client.

    Args:
        rates: where the rates are kept.
    """

    def __init__(self, rates: LocalRates) -> None:
        self._rates = rates

    def acquire(self, address: str, act: str = "send") -> None:
        """Count a correction that a client sends, whether or not it turns out to be good, or one that it takes back.

        Raises:
            RateLimited: the client does so too often; this one was not counted.
        """
        wait = self._rates.acquire(Rate.create(f"{act} {address}", 60 / PER_MINUTE, 60))
        if wait:
            detail = f"You may {act} {PER_MINUTE} corrections a minute; do it again later."
            raise RateLimited("too_many_corrections", detail, retry_after=math.ceil(wait))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address; IPv4 inside IPv6 becomes IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
