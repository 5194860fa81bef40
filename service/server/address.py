"""Where the service listens: an address and a port, or a Unix socket."""

from __future__ import annotations

import errno
import os
import socket
import stat
from typing import Any

from service.config import UNIX, Config
from service.errors import ConfigError

ANY = ("127.0.0.1", "0.0.0.0", "::")
"""Addresses that `localhost` reaches too."""


def bind(config: Config) -> str:
    """Return the address as gunicorn takes it, which knows no names of IPv6 addresses; `check` must have passed."""
    if config.host.startswith(UNIX):
        return config.host
    _, address = _resolve(config)
    return f"{_in_url(address[0])}:{config.port}"


def announcement(config: Config) -> str:
    """Say where to find the service."""
    if config.host.startswith(UNIX):
        return f"Listening on {config.host}  (Ctrl-C stops)"
    host = "localhost" if config.host in ANY else _in_url(config.host)
    return f"Draw a digit at http://{host}:{config.port}  (Ctrl-C stops)"


def check(config: Config) -> None:
    """Refuse an address that cannot be listened on, which gunicorn would retry, or a socket that it would take away.

    Raises:
        ConfigError: it is taken, or is not an address of this machine.
    """
    try:
        if config.host.startswith(UNIX):
            _check_socket(config.host.removeprefix(UNIX))
            return
        family, address = _resolve(config)
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        where, settings = f"{config.host} port {config.port}", "HOST or PORT"
        if config.host.startswith(UNIX):
            where, settings = config.host, "HOST"
        raise ConfigError(f"cannot listen on {where} ({error.strerror}); set {settings} to another") from error


def _resolve(config: Config) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """Resolve a name to an address and its family: one of IPv4 where there is one, as browsers expect of localhost.

    Raises:
        OSError: the name is not known.
    """
    found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)
    family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


def _check_socket(path: str) -> None:
    """Refuse a path at which no socket can be made; one that a service left behind is replaced.

    Raises:
        OSError: another service listens there, a file is there, or the folder cannot be written.
    """
    folder = os.path.dirname(path) or "."
    os.stat(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _error(errno.EACCES)
    if not os.path.lexists(path):
        return
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        raise _error(errno.EEXIST)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return
    raise _error(errno.EADDRINUSE)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
