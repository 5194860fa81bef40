"""Rates that several machines share, in Redis. Where it does not answer, each machine keeps its own meanwhile."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from service.config import ConfigError
from service.rates import Rate, Rates

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

PREFIX = "digits:rate:"
PATIENCE = 0.1
"""Seconds that Redis may take to answer, or to be connected to."""
PAUSE = 1.0
"""Seconds between two attempts at a Redis that did not answer."""
CONNECTIONS = 32
"""Of a worker at most, for its event loop and as many for its threads."""

TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = tonumber(redis.call('GET', KEYS[1]) or 0)
if due < now or due > now + burst + interval then due = now end
local wait = due - now - burst + interval
if wait >= 1 then return math.ceil(wait) end
due = due + interval
redis.call('SET', KEYS[1], string.format('%.2f', due), 'PX', math.ceil((due - now) / 1000))
return 0
"""
"""`Rates.take` in microseconds, by Redis's own clock; what is due later than it ever can be is of a clock set back."""

log = logging.getLogger(__name__)


class RedisRates:
    """Rates in Redis.

    Args:
        url: of Redis. Connected to when first needed.
        local: rates for as long as Redis does not answer.

    Raises:
        ConfigError: the URL is none.
    """

    distant = True

    def __init__(self, url: str, local: Rates) -> None:
        self._local = local
        self._retry_at = 0.0
        self._answers = True
        try:
            self._waiting, self._awaited = _clients(url)
        except ValueError:  # whose words might hold a part of the password
            raise ConfigError("DIGITS_REDIS_URL: must be as redis://user:password@host:6379/0") from None
        self._take = self._waiting.register_script(TAKE)
        self._take_soon = self._awaited.register_script(TAKE)

    def take(self, rate: Rate) -> float:
        """Count a request, in a thread that may wait for it."""
        from redis import RedisError

        if self._resting():
            return self._local.take(rate)
        try:
            return self._answered(self._take(keys=_keys(rate), args=_arguments(rate)))
        except (RedisError, OSError) as error:
            return self._unanswered(rate, error)

    async def take_soon(self, rate: Rate) -> float:
        """Count a request, in an event loop that sees to others meanwhile."""
        import asyncio

        from redis import RedisError

        if self._resting():
            return self._local.take(rate)
        try:
            async with asyncio.timeout(2 * PATIENCE):  # to connect and to be answered
                return self._answered(await self._take_soon(keys=_keys(rate), args=_arguments(rate)))
        except (RedisError, OSError) as error:
            return self._unanswered(rate, error)

    def _resting(self) -> bool:
        """Whether Redis is left alone; of those who find that it was long enough, the first tries it."""
        if self._answers:
            return False
        now = time.monotonic()
        if now < self._retry_at:
            return True
        self._retry_at = now + PAUSE
        return False

    def _answered(self, microseconds: int) -> float:
        if not self._answers:
            self._answers = True
            log.warning("Redis answers again: the rates of keys are kept there")
        return microseconds / 1e6

    def _unanswered(self, rate: Rate, error: Exception) -> float:
        self._retry_at = time.monotonic() + PAUSE
        if self._answers:
            self._answers = False
            log.error("Redis does not answer (%s): each machine keeps the rates of keys for itself", _reason(error))
        return self._local.take(rate)


def _clients(url: str) -> tuple[Redis, AsyncRedis]:
    """For threads, and for an event loop."""
    import redis
    import redis.asyncio
    from redis.asyncio.retry import Retry as AsyncRetry
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    lost = (redis.ConnectionError,)  # a connection that Redis has closed meanwhile is made anew, once
    shared: dict[str, Any] = {
        "max_connections": CONNECTIONS,
        "timeout": PATIENCE,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
    }
    pool = redis.BlockingConnectionPool.from_url(url, retry=Retry(NoBackoff(), 1, lost), **shared)
    awaited = redis.asyncio.BlockingConnectionPool.from_url(url, retry=AsyncRetry(NoBackoff(), 1, lost), **shared)
    return redis.Redis(connection_pool=pool), redis.asyncio.Redis(connection_pool=awaited)


def _keys(rate: Rate) -> list[str]:
    return [PREFIX + rate.id]


def _arguments(rate: Rate) -> list[float]:
    return [rate.interval * 1e6, rate.burst * 1e6]


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
