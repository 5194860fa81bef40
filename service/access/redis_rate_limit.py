"""Rate limits that several machines share in Redis. While Redis does not answer, each machine counts on its own.

No library of the field counts by the generic cell rate algorithm, so the script below is ours. The client is the extra
`redis`.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from service.access.rate_limit import LocalRates, Rate
from service.errors import ConfigError

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "digits:rate:"
TIMEOUT = 0.25
"""Seconds to connect to Redis in, and as many to get its answer in."""
PAUSE = 1.0
"""Seconds between two attempts at a Redis that did not answer."""

ACQUIRE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = tonumber(redis.call('GET', KEYS[1]) or 0)
if due < now or due > now + burst + interval then due = now end
local wait = math.max(0, math.floor(due - now - burst + interval))
if wait == 0 then
    due = due + interval
    redis.call('SET', KEYS[1], string.format('%.2f', due), 'PX', math.ceil((due - now) / 1000))
end
return wait
"""
"""`LocalRates.acquire` in microseconds, by Redis's clock. A time further ahead than any can be was stored before the
clock was set back."""

log = logging.getLogger(__name__)


class RedisRates:
    """Rates in Redis.

    Args:
        url: address of Redis; connected to when first needed.
        local: rates to use while Redis does not answer.

    Raises:
        ConfigError: the URL is invalid, or the client is not installed.
    """

    remote = True

    def __init__(self, url: str, local: LocalRates) -> None:
        self._local = local
        self._retry_at = 0.0
        self._answers = True
        self._client = _client(url)
        self._acquire: Any = self._client.register_script(ACQUIRE)

    def acquire(self, rate: Rate) -> float:
        """Count a request in Redis; the thread waits for the answer."""
        if self._paused():
            return self._local.acquire(rate)
        try:
            wait = self._acquire([PREFIX + rate.id], [rate.interval * 1e6, rate.burst * 1e6])
        except Exception as error:  # whatever it is, no request may fail for it
            self._lost(error)
            return self._local.acquire(rate)
        if not self._answers:
            self._answers = True
            log.warning("Redis answers again and keeps the rate limits")
        return float(wait) / 1e6

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _paused(self) -> bool:
        """Whether to leave Redis alone. The first caller after the pause tries it again."""
        if self._answers:
            return False
        now = time.monotonic()
        if now < self._retry_at:
            return True
        self._retry_at = now + PAUSE
        return False

    def _lost(self, error: Exception) -> None:
        self._retry_at = time.monotonic() + PAUSE
        if self._answers:
            self._answers = False
            reason = (str(error) or type(error).__name__).splitlines()[0]
            log.error("Redis does not answer (%s); each machine keeps its own rate limits", reason)


def _client(url: str) -> Redis:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise ConfigError(
            f"DIGITS_REDIS_URL: the module {error.name} is not installed; "
            "run pip install -r requirements/production.txt"
        ) from error
    retry = Retry(NoBackoff(), 1, (redis.ConnectionError,))  # a connection that Redis closed is opened again, once
    try:
        return redis.Redis.from_url(url, retry=retry, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    except ValueError:  # its text might hold a part of the password
        raise ConfigError("DIGITS_REDIS_URL: must be as redis://user:password@host:6379/0") from None
