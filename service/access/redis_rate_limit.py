"""Rates that several machines share, in Redis. Where it does not answer, each machine keeps its own meanwhile."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from service.access.rate_limit import Rate, Rates
from service.config import ConfigError

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

PREFIX = "digits:rate:"
PATIENCE = 0.25
"""Seconds that Redis may take to be connected to, and as many to answer."""
PAUSE = 1.0
"""Seconds between two attempts at a Redis that did not answer."""

TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local waits = {}
for i, key in ipairs(KEYS) do
    local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local due = tonumber(redis.call('GET', key) or 0)
    if due < now or due > now + burst + interval then due = now end
    waits[i] = math.max(0, math.floor(due - now - burst + interval))
    if waits[i] == 0 then
        due = due + interval
        redis.call('SET', key, string.format('%.2f', due), 'PX', math.ceil((due - now) / 1000))
    end
end
return waits
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
        self._waiting: list[tuple[Rate, asyncio.Future[float]]] = []
        self._sending: asyncio.Task[None] | None = None
        try:
            self._client, self._awaited = _clients(url)
        except ValueError:  # whose words might hold a part of the password
            raise ConfigError("DIGITS_REDIS_URL: must be as redis://user:password@host:6379/0") from None
        self._take = self._client.register_script(TAKE)
        self._take_soon = self._awaited.register_script(TAKE)

    def take(self, rate: Rate) -> float:
        """Count a request, in a thread that may wait for it."""
        if self._resting():
            return self._local.take(rate)
        try:
            (wait,) = self._take(_keys([rate]), _arguments([rate]))
        except Exception as error:
            self._unanswered(error)
            return self._local.take(rate)
        self._answered()
        return float(wait) / 1e6

    async def take_soon(self, rate: Rate) -> float:
        """Count a request, in an event loop; those that come while Redis is asked are counted together after that."""
        if self._resting():
            return self._local.take(rate)
        answer: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((rate, answer))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        return await answer

    async def close(self) -> None:
        """Hang up."""
        self._client.close()
        await self._awaited.aclose()

    async def _send(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rates = [rate for rate, _ in batch]
            try:
                async with asyncio.timeout(2 * PATIENCE):
                    waits = [wait / 1e6 for wait in await self._take_soon(_keys(rates), _arguments(rates))]
            except Exception as error:  # of whatever kind, since nobody may wait for ever
                self._unanswered(error)
                batch, self._waiting = batch + self._waiting, []
                waits = [self._local.take(rate) for rate, _ in batch]
            else:
                self._answered()
            for (_, answer), wait in zip(batch, waits, strict=True):
                if not answer.done():  # its client is still there
                    answer.set_result(wait)

    def _resting(self) -> bool:
        """Whether Redis is left alone; of those who find that it was long enough, the first tries it."""
        if self._answers:
            return False
        now = time.monotonic()
        if now < self._retry_at:
            return True
        self._retry_at = now + PAUSE
        return False

    def _answered(self) -> None:
        if not self._answers:
            self._answers = True
            log.warning("Redis answers again: the rates of keys are kept there")

    def _unanswered(self, error: Exception) -> None:
        self._retry_at = time.monotonic() + PAUSE
        if self._answers:
            self._answers = False
            reason = (str(error) or type(error).__name__).splitlines()[0]
            log.error("Redis does not answer (%s): each machine keeps the rates of keys for itself", reason)


def _clients(url: str) -> tuple[Redis, AsyncRedis]:
    """For threads, and for an event loop."""
    import redis
    import redis.asyncio
    from redis.asyncio.retry import Retry as AsyncRetry
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    lost = (redis.ConnectionError,)  # a connection that Redis has closed meanwhile is made anew, once
    times: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return (
        redis.Redis.from_url(url, retry=Retry(NoBackoff(), 1, lost), **times),
        redis.asyncio.Redis.from_url(url, retry=AsyncRetry(NoBackoff(), 1, lost), **times),
    )


def _keys(rates: Sequence[Rate]) -> list[str]:
    return [PREFIX + rate.id for rate in rates]


def _arguments(rates: Sequence[Rate]) -> list[float]:
    return [seconds * 1e6 for rate in rates for seconds in (rate.interval, rate.burst)]
