"""Who sends a correction, as far as an address tells, and how often he may."""

from __future__ import annotations

import math
from ipaddress import IPv4Address, IPv6Address, ip_address

from models.errors import RateLimited
from service.access.rate_limit import Rate, Rates

PER_MINUTE = 20
"""Corrections of one sender; as many at once, if there were none for a minute."""
NETWORK = 64
"""Bits of an IPv6 address that say whose it is; the rest is for him to choose."""


def sender(peer: str, forwarded_for: str) -> str:
    """The address of whoever sends a request.

    Args:
        peer: address that the connection comes from; empty: of no network.
        forwarded_for: `X-Forwarded-For`, as it came; a proxy adds the address of its client at the end. It is believed
            only of a peer in a private network, since anybody can write it.

    Returns:
        An IPv4 address, or the network of an IPv6 one; the peer as it is, where that is no address.
    """
    address = _address(peer)
    if address is None:
        return peer
    if address.is_private and (told := _address(forwarded_for.rpartition(",")[2].strip())):
        address = told
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> (128 - NETWORK) << (128 - NETWORK)))
    return str(address)


class Senders:
    """Lets each sender correct so often, and no oftener.

    Args:
        rates: where this is kept.
    """

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    def admit(self, who: str) -> None:
        """Count a correction of a sender.

        Raises:
            RateLimited: he corrects too often; this one was not counted.
        """
        wait = self._rates.take(Rate.of(who, 60 / PER_MINUTE, 60))
        if wait:
            detail = f"You may send {PER_MINUTE} corrections a minute; send it again later."
            raise RateLimited("too_many_corrections", detail, retry_after=math.ceil(wait))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that came as IPv6 is one of IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
