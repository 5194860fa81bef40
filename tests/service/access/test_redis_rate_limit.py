"""Rate limits that several services share, in a real Redis that is killed, hangs and comes back."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import requests

from service.access.api_keys import add
from service.access.rate_limit import LocalRates, Rate
from service.access.redis_rate_limit import ACQUIRE, PREFIX, TIMEOUT, RedisRates
from service.config import Config
from service.errors import ConfigError
from tests import serving
from tests.redis_server import RedisServer
from tests.service.steady import until

SEVEN = (serving.ROOT / "docs" / "seven.png").read_bytes()
RATE = 4
"""Requests a second of the limited key."""
NO_LIMIT = 100_000
"""Requests a second of the fast key, more than a test sends."""


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    try:
        yield server
    finally:
        server.kill()


class Pair:
    """Two services with the same keys and the same Redis.

    Attributes:
        server: the Redis.
        urls: their addresses.
        processes: their masters.
        limited: a key with a rate of RATE.
        fast: a key with a rate of NO_LIMIT, which Redis counts.
        free: a key without a rate, which Redis does not count.
    """

    def __init__(
        self, server: RedisServer, running: list[tuple[str, subprocess.Popen[str]]], keys: dict[str, str]
    ) -> None:
        self.server = server
        self.urls = [url for url, _ in running]
        self.processes = [process for _, process in running]
        self.limited, self.fast, self.free = keys["limited"], keys["fast"], keys["free"]

    def ask(self, which: int, key: str, body: bytes = SEVEN) -> requests.Response:
        headers = {"Content-Type": "image/png", "X-API-Key": key}
        return requests.post(f"{self.urls[which]}/predict", data=body, headers=headers, timeout=5)

    def count_answered(self, count: int) -> tuple[int, float]:
        """Send requests to each service in turn; return how many were answered, and in how many seconds."""
        began = time.monotonic()
        statuses = [self.ask(n % 2, self.limited).status_code for n in range(count)]
        assert set(statuses) <= {200, 429}
        return statuses.count(200), time.monotonic() - began


@contextmanager
def running_pair(server: RedisServer, directory: Path) -> Iterator[Pair]:
    path = directory / "keys.txt"
    keys = {name: add(path, name, rate) for name, rate in (("limited", RATE), ("fast", NO_LIMIT), ("free", 0))}
    settings = {"DIGITS_KEYS": str(path), "DIGITS_REDIS_URL": server.url, "DIGITS_LOG": "json"}
    with serving.service(**settings) as first, serving.service(**settings) as second:
        yield Pair(server, [first, second], keys)


@pytest.fixture(scope="module")
def undisturbed_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Start two services with a Redis that always answers, of which they must log nothing."""
    with running_redis() as server, running_pair(server, tmp_path_factory.mktemp("keys")) as pair:
        yield pair
        for process in pair.processes:
            assert events(process) == []


@pytest.fixture
def pair(undisturbed_pair) -> Pair:
    """Two services whose rates have not been used yet."""
    with redis.Redis.from_url(undisturbed_pair.server.url) as client:
        client.flushall()
    return undisturbed_pair


def events(process: subprocess.Popen[str]) -> list[str]:
    """Stop a service and return the events of its log, without those of requests."""
    process.terminate()
    output, _ = process.communicate(timeout=serving.PATIENCE)
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line["event"] for line in lines if line["event"] != "request"]


def test_two_services_share_the_rate_of_a_key(pair):
    answered, seconds = pair.count_answered(40)
    assert RATE <= answered <= RATE * (1 + seconds) + 1
    refused = next(reply for reply in iter(lambda: pair.ask(0, pair.limited), None) if reply.status_code == 429)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("rate_limited", "1")
    assert f"may ask {RATE} times a second" in refused.json()["detail"]
    until(lambda: pair.ask(1, pair.limited).status_code == 200)
    with redis.Redis.from_url(pair.server.url) as client:
        (kept,) = client.scan_iter()
        assert kept.startswith(PREFIX.encode())
        assert pair.limited.encode() not in kept
        assert 0 < client.pttl(kept) <= 1000


def test_predictions_are_answered_while_redis_keeps_the_rates(pair):
    heavy = SEVEN + bytes(100_000)
    for key in (pair.fast, pair.free):
        for body in (SEVEN, heavy):
            assert [pair.ask(which, key, body).json()["digit"] for which in (0, 1)] == [7, 7]
    assert pair.ask(0, pair.fast, b"broken").json()["code"] == "undecodable_image"
    assert pair.ask(0, pair.fast + "x").status_code == 401
    with ThreadPoolExecutor(8) as threads:
        assert {reply.status_code for reply in threads.map(lambda n: pair.ask(n % 2, pair.fast), range(100))} == {200}


def test_pages_count_against_the_same_rate_and_probes_and_keys_without_one_do_not(pair):
    def look(path: str) -> int:
        return requests.get(pair.urls[0] + path, headers={"X-API-Key": pair.limited}, timeout=5).status_code

    until(lambda: look("/models") == 429)
    assert pair.ask(1, pair.limited).status_code == 429
    with redis.Redis.from_url(pair.server.url) as client:
        client.flushall()
        for path in ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"):
            assert look(path) == 200
        assert pair.ask(0, pair.free).status_code == 200
        assert client.dbsize() == 0


def test_while_redis_is_gone_each_service_keeps_the_rate_itself_and_then_they_share_it_again(server, tmp_path):
    with running_pair(server, tmp_path) as pair:
        assert pair.ask(0, pair.limited).status_code == pair.ask(1, pair.limited).status_code == 200
        server.kill()
        for which in range(2):
            until(lambda which=which: pair.ask(which, pair.limited).status_code == 200)
            until(lambda which=which: pair.ask(which, pair.limited).status_code == 429)
        server.start()
        with redis.Redis.from_url(server.url) as client:
            for which in range(2):
                client.flushall()
                until(lambda which=which: pair.ask(which, pair.limited).status_code == 200 and client.dbsize() == 1)
        for process in pair.processes:
            gone, back = events(process)
            assert gone.startswith("Redis does not answer (")
            assert gone.endswith("); each machine keeps its own rate limits")
            assert back == "Redis answers again and keeps the rate limits"


def test_a_request_that_waits_for_a_hanging_redis_delays_no_other_request(server, tmp_path):
    def overtaken() -> bool:
        """Whether others were answered while one waited; false too while the service leaves Redis alone."""
        waiting = threads.submit(pair.ask, 0, pair.fast)
        time.sleep(TIMEOUT / 5)
        others = [
            pair.ask(0, pair.free).status_code,
            requests.get(f"{pair.urls[0]}/health/live", timeout=5).status_code,
        ]
        in_time = not waiting.done()
        assert waiting.result().json()["digit"] == 7
        assert others == [200, 200]
        return in_time

    with running_pair(server, tmp_path) as pair, ThreadPoolExecutor(1) as threads:
        assert pair.ask(0, pair.fast).status_code == 200
        server.stop()
        until(overtaken)
        server.resume()


def test_a_hanging_redis_is_waited_for_once_and_then_left_alone_for_a_while(server, caplog):
    rates, rate = RedisRates(server.url, LocalRates()), Rate.create("me", 0.2, 1.0)
    assert rates.acquire(rate) == 0
    server.stop()
    waits, seconds = [], []
    for _ in range(5):
        began = time.monotonic()
        waits.append(rates.acquire(rate))
        seconds.append(time.monotonic() - began)
    assert waits == [0] * 5  # by the machine's own rate
    assert seconds[0] > TIMEOUT * 0.9
    assert sum(seconds[1:]) < TIMEOUT
    assert rates.acquire(rate) > 0
    assert len(caplog.records) == 1
    server.resume()
    rates.close()


def test_the_script_counts_as_the_rates_in_memory_do(server):
    rate, local = Rate.create("me", 0.2, 1.0), LocalRates()
    assert [local.acquire(rate) == 0 for _ in range(6)] == [True] * 5 + [False]
    with redis.Redis.from_url(server.url) as client:
        acquire = client.register_script(ACQUIRE)
        waits = [acquire(keys=["me"], args=[0.2e6, 1e6]) for _ in range(6)]
        assert waits[:5] == [0] * 5
        assert 0 < waits[5] <= 200_000
        client.set("me", 9e15)  # stored before the clock was set back
        assert acquire(keys=["me"], args=[0.2e6, 1e6]) == 0


@pytest.mark.parametrize("url", ["redis://me:sec/ret@host", "redis://host:port"])
def test_a_bad_address_is_refused_without_its_password(url):
    with pytest.raises(ConfigError, match=r"^DIGITS_REDIS_URL: must be as redis://user:password@host:6379/0$"):
        RedisRates(url, LocalRates())
    with pytest.raises(ConfigError, match=r"^DIGITS_REDIS_URL: must begin with redis:// or rediss:// or unix://$"):
        Config.from_environment({"DIGITS_REDIS_URL": url.replace("redis", "http")})
