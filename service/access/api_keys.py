"""API keys: who may ask, and how often.

`python -m service.access.api_keys FILE NAME [RATE]` makes a key, shows it once and adds its hash to FILE:

    # name  sha256 of the key  requests a second
    scanner 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b 50

A line added or removed counts within a second, without a restart. A key is 256 random bits, so that a plain hash tells
nothing of it.
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
from service.access.rate_limit import PLACES, Keeper, Rate
from service.config import ConfigError

RELOAD_SECONDS = 1.0
BURST_SECONDS = 1.0
"""A key that was silent may ask as much at once as it may ask in so long."""
_LINE = re.compile(r"(\S{1,64})\s+([0-9a-f]{64})(?:\s+([0-9]{1,6}))?")

log = logging.getLogger(__name__)


class Key(NamedTuple):
    """What is known of a key.

    Attributes:
        name: of who has it.
        rate: at which it may ask; None: as it likes.
    """

    name: str
    rate: Rate | None


class Keys:
    """The keys of a file.

    Args:
        path: of the file.
        rates: where their rates are kept.

    Raises:
        ConfigError: the file cannot be read, or a line of it.
    """

    def __init__(self, path: Path, rates: Keeper) -> None:
        self._path = path
        self._rates = rates
        self._stamp = _stamp(path)
        self._keys = _read(path)
        self._looked = time.monotonic()

    def admit(self, presented: str) -> None:
        """Let a request in.

        Args:
            presented: the key that it came with; empty if it came with none.

        Raises:
            Unauthorized: it is none.
            RateLimited: it asks too often.
        """
        self.take(self.find(presented))

    async def admit_soon(self, presented: str) -> None:
        """As `admit`, for an event loop."""
        await self.take_soon(self.find(presented))

    def find(self, presented: str) -> Key:
        """Who asks.

        Raises:
            Unauthorized: nobody known.
        """
        now = time.monotonic()
        if now - self._looked > RELOAD_SECONDS:
            self._looked = now
            self._reload()
        key = self._keys.get(hashlib.sha256(presented.encode()).hexdigest()) if presented else None
        if key is None:
            raise Unauthorized(
                "unauthorized", "Send a key that is valid, as the header Authorization: Bearer KEY, or X-API-Key: KEY."
            )
        return key

    def is_awaited(self, key: Key) -> bool:
        """Whether it takes a while to know if the key may ask: an event loop calls `take_soon`."""
        return self._rates.distant and key.rate is not None

    def take(self, key: Key) -> None:
        """Count a request against the key's rate.

        Raises:
            RateLimited: it asks too often; this one was not counted.
        """
        if key.rate is not None and (wait := self._rates.take(key.rate)):
            raise _too_often(key, wait)

    async def take_soon(self, key: Key) -> None:
        """As `take`, for an event loop."""
        if key.rate is not None and (wait := await self._rates.take_soon(key.rate)):
            raise _too_often(key, wait)

    def _reload(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = _read(self._path)
        except ConfigError as error:
            log.error("the keys stay as they were: %s", error)


def presented(authorization: str, x_api_key: str) -> str:
    """The key in a request's headers; empty if there is none."""
    scheme, _, credentials = authorization.partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else x_api_key


def add(path: Path, name: str, rate: int = 0) -> str:
    """Make a key and add its hash to a file.

    Returns:
        The key, which is kept nowhere.
    """
    key = secrets.token_urlsafe(32)
    line = f"{name} {hashlib.sha256(key.encode()).hexdigest()}" + (f" {rate}" if rate else "")
    before = path.read_text() if path.exists() else ""
    incoming = path.with_name(path.name + ".incoming")
    incoming.write_text(before + ("\n" if before and not before.endswith("\n") else "") + line + "\n")
    incoming.replace(path)
    return key


def _read(path: Path) -> dict[str, Key]:
    """Keys by their hash."""
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
    """Of so many requests a second; 0: of any number."""
    return Rate(digest, int(digest[:8], 16) % PLACES, 1 / requests, BURST_SECONDS) if requests else None


def _too_often(key: Key, wait: float) -> RateLimited:
    assert key.rate is not None, "limited"
    detail = f"The key {key.name} may ask {round(1 / key.rate.interval)} times a second; ask again later."
    return RateLimited("rate_limited", detail, retry_after=math.ceil(wait))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Unlike before if the file is another, or changed."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or not (sys.argv[3:] or ["0"])[0].isdecimal():
        sys.exit("usage: python -m service.access.api_keys FILE NAME [REQUESTS A SECOND]")
    print(add(Path(sys.argv[1]), sys.argv[2], int((sys.argv[3:] or ["0"])[0])))
