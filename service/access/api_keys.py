"""API keys: who may ask, and how often.

`python -m service.access.api_keys FILE NAME [RATE]` makes a key, shows it once and adds its hash to FILE, which
`DIGITS_KEYS` names:

    # name  sha256 of the key  requests a second
    scanner 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b 50

Workers read a changed file within a second. A key is 256 random bits, so that a plain hash reveals nothing of it.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
import secrets
import sys
import time
from pathlib import Path
from typing import NamedTuple

from models.errors import RateLimited, Unauthorized
from service.access.rate_limit import PLACES, Rate, RateStore
from service.errors import ConfigError

RELOAD_SECONDS = 1.0
BURST_SECONDS = 1.0
"""Seconds of its rate that a key may use at once after a pause."""
_LINE = re.compile(r"(\S{1,64})\s+([0-9a-f]{64})(?:\s+([0-9]{1,6}))?")

log = logging.getLogger(__name__)


class Key(NamedTuple):
    """A known key.

    Attributes:
        name: of its owner.
        rate: limit of its requests; None for no limit.
    """

    name: str
    rate: Rate | None


class ApiKeys:
    """The keys of a file.

    Args:
        path: the file.
        rates: where their rates are kept.

    Raises:
        ConfigError: the file, or a line of it, cannot be read.
    """

    def __init__(self, path: Path, rates: RateStore) -> None:
        self._path = path
        self._rates = rates
        self._state = _file_state(path)
        self._keys = _read(path)
        self._checked = time.monotonic()

    def find(self, presented: str) -> Key:
        """Find the key that a request presents; empty if it presents none.

        Raises:
            Unauthorized: the key is not known.
        """
        now = time.monotonic()
        if now - self._checked > RELOAD_SECONDS:
            self._checked = now
            self._reload()
        key = self._keys.get(hashlib.sha256(presented.encode()).hexdigest()) if presented else None
        if key is None:
            raise Unauthorized(
                "unauthorized", "Send a key that is valid, as the header Authorization: Bearer KEY, or X-API-Key: KEY."
            )
        return key

    def is_remote(self, key: Key) -> bool:
        """Whether `acquire` asks another process for this key, so that an event loop must not call it."""
        return self._rates.remote and key.rate is not None

    def acquire(self, key: Key) -> None:
        """Count a request against the key's rate.

        Raises:
            RateLimited: the rate does not allow it; the request was not counted.
        """
        if key.rate is not None and (wait := self._rates.acquire(key.rate)):
            detail = f"The key {key.name} may ask {round(1 / key.rate.interval)} times a second; ask again later."
            raise RateLimited("rate_limited", detail, retry_after=math.ceil(wait))

    def _reload(self) -> None:
        state = _file_state(self._path)
        if state == self._state:
            return
        self._state = state
        try:
            self._keys = _read(self._path)
        except ConfigError as error:
            log.error("the keys stay as they were: %s", error)


def presented_key(authorization: str, x_api_key: str) -> str:
    """Take the key from a request's headers; empty if there is none."""
    scheme, _, credentials = authorization.partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else x_api_key


def add(path: Path, name: str, rate: int = 0) -> str:
    """Make a key and add its hash to a file.

    Args:
        path: of the file.
        name: of the key's owner.
        rate: requests a second; 0 for no limit.

    Returns:
        The key, which is stored nowhere.

    Raises:
        ConfigError: a service would refuse the line; the file is as it was.
    """
    key = secrets.token_urlsafe(32)
    line = f"{name} {hashlib.sha256(key.encode()).hexdigest()}" + (f" {rate}" if rate else "")
    if not _LINE.fullmatch(line) or name.startswith("#") or not name.isprintable():
        raise ConfigError(
            f"{name!r} with a rate of {rate} is no key: a name has 1 to 64 letters, digits or signs, no space and no # "
            "at its start, and a rate has at most 6 digits"
        )
    before = path.read_text() if path.exists() else ""
    incoming = path.with_name(path.name + ".incoming")
    incoming.write_text(before + ("\n" if before and not before.endswith("\n") else "") + line + "\n")
    incoming.replace(path)
    return key


def _read(path: Path) -> dict[str, Key]:
    """Read the keys of a file, by their hashes."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"DIGITS_KEYS: {path} cannot be read ({error}); let the service's user read it") from error
    keys = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        matched = _LINE.fullmatch(line.strip())
        if matched is None:
            raise ConfigError(f"DIGITS_KEYS: {path}, line {number}: must be a name, a sha256 and perhaps a rate")
        name, digest, rate = matched.groups()
        keys[digest] = Key(name, _rate(digest, int(rate or 0)))
    return keys


def _rate(digest: str, requests: int) -> Rate | None:
    """Return the rate of `requests` a second; None for 0, which is no limit."""
    return Rate(digest, int(digest[:8], 16) % PLACES, 1 / requests, BURST_SECONDS) if requests else None


def _file_state(path: Path) -> tuple[int, int, int] | None:
    """Return a value that changes when the file does; None if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or not (sys.argv[3:] or ["0"])[0].isdecimal():
        sys.exit("usage: python -m service.access.api_keys FILE NAME [REQUESTS A SECOND]")
    try:
        print(add(Path(sys.argv[1]), sys.argv[2], int((sys.argv[3:] or ["0"])[0])))
    except (ConfigError, OSError) as error:
        sys.exit(str(error))
