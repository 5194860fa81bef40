"""Restrict the load test to this machine."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


def refusal(host: str) -> str | None:
    """Say why a host must not be loaded; None if all its addresses are of this machine.

    Args:
        host: as a URL, `http://127.0.0.1:8000`.
    """
    name = urlsplit(host).hostname
    if name is None:
        return f"{host} is not a URL; write for example http://127.0.0.1:8000"
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(name, None)}
    except OSError as error:
        return f"{name} has no address ({error.strerror}); check the name"
    if all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in addresses):
        return None
    return f"{name} is another machine; add --any-host if you may load it"
