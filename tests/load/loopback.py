"""A load test belongs on one's own machine: which hosts may be loaded."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


def refusal(host: str) -> str | None:
    """Why a host must not be loaded; None if every address of it is this machine's own.

    Args:
        host: as a URL, `http://127.0.0.1:8000`.
    """
    name = urlsplit(host).hostname
    if name is None:
        return f"{host} is no URL; write for example http://127.0.0.1:8000"
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(name, None)}
    except OSError as error:
        return f"{name} has no address ({error.strerror})"
    if all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in addresses):
        return None
    return f"{name} is another machine; if it is yours to load, say so with --any-host"
