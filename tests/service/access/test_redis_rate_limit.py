"""Rates that several services share, in a real Redis that comes and goes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Iterator

import pytest
import redis
import requests

from service.access.api_keys import add
from service.access.rate_limit import Rate, Rates
from service.access.redis_rate_limit import PATIENCE, PREFIX, TAKE, RedisRates
from service.config import Config, ConfigError
from tests import serving
from tests.redis_server import RedisServer
from tests.service.steady import until

SEVEN = (serving.ROOT / "docs" / "seven.png").read_bytes()
RATE = 4
"""Requests a second of the key that has one."""


@pytest.fixture
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.kill()


class Pair:
    """Two services with the same keys and the same Redis.

    Attributes:
        urls: their addresses.
        limited: a key with a rate.
        free: a key without.
    """

    def __init__(self, urls: list[str], limited: str, free: str) -> None:
        self.urls = urls
        self.limited = limited
        self.free = free

    def ask(self, which: int, key: str, path: str = "/predict") -> requests.Response:
        headers = {"Content-Type": "image/png", "X-API-Key": key}
        return requests.post(self.urls[which] + path, data=SEVEN, headers=headers, timeout=5)

    def good(self, count: int) -> tuple[int, float]:
        """How many of so many requests, to each in turn, are answered, and in how many seconds."""
        began = time.monotonic()
        statuses = [self.ask(n % 2, self.limited).status_code for n in range(count)]
        assert set(statuses) <= {200, 429}
        return statuses.count(200), time.monotonic() - began


@pytest.fixture
def pair(server, tmp_path) -> Iterator[tuple[Pair, list[subprocess.Popen[str]]]]:
    path = tmp_path / "keys.txt"
    limited, free = add(path, "limited", RATE), add(path, "free")
    settings = {"DIGITS_KEYS": str(path), "DIGITS_REDIS_URL": server.url, "DIGITS_LOG": "json"}
    with serving.service(**settings) as (one, first), serving.service(**settings) as (other, second):
        yield Pair([one, other], limited, free), [first, second]


def events(process: subprocess.Popen[str]) -> list[str]:
    """What a service has logged, less its requests; it is stopped."""
    process.terminate()
    output, _ = process.communicate(timeout=serving.PATIENCE)
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line["event"] for line in lines if line["event"] != "request"]


def test_two_services_give_a_key_its_rate_once(pair, server):
    asked, processes = pair
    good, seconds = asked.good(40)
    assert RATE <= good <= RATE * (1 + seconds) + 1
    refused = next(reply for reply in iter(lambda: asked.ask(0, asked.limited), None) if reply.status_code == 429)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("rate_limited", "1")
    assert f"may ask {RATE} times a second" in refused.json()["detail"]
    until(lambda: asked.ask(1, asked.limited).status_code == 200)
    with redis.Redis.from_url(server.url) as client:
        (kept,) = client.scan_iter()
        assert kept.startswith(PREFIX.encode())
        assert asked.limited.encode() not in kept
        assert 0 < client.pttl(kept) <= 1000
    for process in processes:
        assert events(process) == []


def test_flask_s_own_pages_are_counted_at_the_same_place_and_probes_nowhere(pair, server):
    asked, _ = pair

    def look(path: str) -> int:
        return requests.get(asked.urls[0] + path, headers={"X-API-Key": asked.limited}, timeout=5).status_code

    until(lambda: look("/models") == 429)
    assert asked.ask(1, asked.limited).status_code == 429
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        for path in ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"):
            assert look(path) == 200
        assert asked.ask(0, asked.free).status_code == 200  # who has no rate need not be counted
        assert client.dbsize() == 0


def test_while_redis_is_gone_each_service_keeps_the_rate_itself_and_then_they_share_it_again(pair, server):
    asked, processes = pair
    assert asked.ask(0, asked.limited).status_code == asked.ask(1, asked.limited).status_code == 200
    server.kill()
    for which in range(2):
        until(lambda which=which: asked.ask(which, asked.limited).status_code == 200)
        until(lambda which=which: asked.ask(which, asked.limited).status_code == 429)
    server.start()
    with redis.Redis.from_url(server.url) as client:
        for which in range(2):
            client.flushall()
            until(lambda which=which: asked.ask(which, asked.limited).status_code == 200 and client.dbsize() == 1)
    for process in processes:
        gone, back = events(process)
        assert gone.startswith("Redis does not answer (")
        assert gone.endswith(": each machine keeps the rates of keys for itself")
        assert back == "Redis answers again: the rates of keys are kept there"


def test_a_redis_that_hangs_is_waited_for_by_one_request_and_no_event_loop(server, caplog):
    rates, rate = RedisRates(server.url, Rates()), Rate.of("me", 0.2, 1.0)

    async def take() -> tuple[int, list[float]]:
        assert await rates.take_soon(rate) == 0
        server.stop()
        waiting, turns = asyncio.ensure_future(rates.take_soon(rate)), 0
        while not waiting.done():
            await asyncio.sleep(0)
            turns += 1
        waits = [await waiting] + [await asyncio.wait_for(rates.take_soon(rate), PATIENCE) for _ in range(4)]
        await rates.close()
        return turns, waits

    turns, waits = asyncio.run(take())
    assert turns > 100
    assert waits == [0] * 5  # by the machine's own rate
    assert rates.take(rate) > 0
    assert len(caplog.records) == 1
    server.go_on()


def test_requests_that_come_together_are_counted_together_and_each_by_its_own_rate(server):
    rates, one, other = RedisRates(server.url, Rates()), Rate.of("one", 0.2, 1.0), Rate.of("other", 0.01, 1.0)

    async def take() -> list[float]:
        waits = await asyncio.gather(*(rates.take_soon(rate) for rate in [one, other] * 300))
        await rates.close()
        return waits

    waits = asyncio.run(take())
    assert 5 <= waits[::2].count(0) <= 6
    assert 100 <= waits[1::2].count(0) < 300
    with redis.Redis.from_url(server.url) as client:
        assert client.info("commandstats")["cmdstat_evalsha"]["calls"] <= 4  # of two the script was not there yet


def test_the_script_is_the_same_rate_as_the_memory(server):
    rate, local = Rate.of("me", 0.2, 1.0), Rates()
    assert [local.take(rate) == 0 for _ in range(6)] == [True] * 5 + [False]
    with redis.Redis.from_url(server.url) as client:
        take = client.register_script(TAKE)
        waits = take(keys=["me"] * 6, args=[0.2e6, 1e6] * 6)
        assert waits == [0] * 5 + [200_000]
        client.set("me", 9e15)  # by a clock that was set back since
        assert take(keys=["me"], args=[0.2e6, 1e6]) == [0]


@pytest.mark.parametrize("url", ["redis://me:sec/ret@host", "redis://host:port"])
def test_a_bad_address_is_refused_without_telling_its_password(url):
    with pytest.raises(ConfigError, match=r"^DIGITS_REDIS_URL: must be as redis://user:password@host:6379/0$"):
        RedisRates(url, Rates())
    with pytest.raises(ConfigError, match=r"^DIGITS_REDIS_URL: must begin with redis:// or rediss:// or unix://$"):
        Config.from_environment({"DIGITS_REDIS_URL": url.replace("redis", "http")})
