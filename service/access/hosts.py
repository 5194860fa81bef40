"""The names that the service answers to, so that no page of another site can reach it by a name of its own.

A site whose name is set to this machine's address once its page is loaded (DNS rebinding) could read every response.
Its requests carry that name. An address and `localhost` cannot be given to another machine: they are always allowed.
Nor can a site have a name without a dot: it is of this network, and allowed as long as no names are set.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

from service.config import Config

LOCAL = ("localhost", "*.localhost")
_PORT = re.compile(r":[0-9]*$")


class Hosts:
    """Decides by the header `Host`.

    Args:
        config: `hosts` names what is allowed. Without it any name is, unless only this machine can connect.
    """

    def __init__(self, config: Config) -> None:
        self._any = not config.hosts and not _is_loopback(config.host)
        self._dotless = not config.hosts
        allowed = (*LOCAL, *config.hosts)
        self._names = {name for name in allowed if not name.startswith("*.")}
        self._suffixes = tuple(name.removeprefix("*") for name in allowed if name.startswith("*."))
        self._decide = lru_cache(maxsize=64)(self._is_allowed)

    def allows(self, host: bytes) -> bool:
        """Whether the service answers to a `Host`, which may end with a port."""
        return self._any or self._decide(host)

    def _is_allowed(self, host: bytes) -> bool:
        name = _PORT.sub("", host.decode("latin-1")).lower().removesuffix(".")
        if self._dotless and name and "." not in name:
            return True
        return name in self._names or name.endswith(self._suffixes) or _is_address(name.strip("[]"))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
