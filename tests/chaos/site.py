"""The service under test, with all that it needs: models on a small disk, keys, Redis, PostgreSQL and a clock."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests

from models.registry.store import ARTIFACTS, Store
from service.access import api_keys
from tests import postgresql, serving
from tests.benchmarks.processes import ended, tree
from tests.chaos.connection import Kill
from tests.chaos.database import Database
from tests.chaos.hostile import Sent
from tests.redis_server import RedisServer
from tests.service.server.test_clock import Clock
from tests.service.steady import until

VERSIONS = (1, 2)
"""Of the store: the two committed ones."""
WORKERS = 2
SETTLED_SECONDS = 5
"""Seconds after which the next phase begins, even if the service is not as it was."""
PROMPT_ANSWERS = 20
PROMPT = 5
"""How many times the seconds of a health check at first one may take afterwards."""
DISK_MEGABYTES = 64
DEADLINE_MS = 2000
RATE = 10_000
"""Requests a second of the key whose rate is kept in Redis, more than are sent."""
START = """
import os
log = os.open(os.environ["CHAOS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.dup2(log, 1)
os.dup2(log, 2)
from service.__main__ import main
main()
"""
"""Starts the service with a file for its output: a pipe that nobody reads would stop it when it is full."""


@dataclass
class Site:
    """The service and what it depends on.

    Attributes:
        url: of the service.
        master: its first process.
        disk: that holds the store and nothing else.
        store: the versions; 1 is stable.
        keys: `free`, `rated` and `hostile`.
        log: the file with the service's output.
        kills: of workers.
        hostile: what hostile senders got.
        prompt: seconds of a health check under the load alone.
    """

    url: str
    master: subprocess.Popen[str]
    disk: Path
    store: Store
    keys: dict[str, str]
    redis: RedisServer
    database: Database
    clock: Clock
    log: Path
    kills: list[Kill] = field(default_factory=list)
    hostile: list[Sent] = field(default_factory=list)
    prompt: float = 0.0

    @property
    def port(self) -> int:
        """Return the port of the service."""
        return urlsplit(self.url).port or 0

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        return serving.workers(self.master)

    def readers(self) -> list[int]:
        """Return the process ids of those that read bodies, and of the one that starts them."""
        return [process for process in tree(self.master.pid) if b"service.sandbox" in _command(process)]

    def refused(self) -> int | None:
        """Return the version that is stable and refused; None if there is none."""
        refused = json.loads(self._get("/health/ready") or "{}").get("refused")
        return refused and refused["version"]

    def serves(self, version: int) -> bool:
        """Whether every worker serves a version."""
        lines = self._get("/metrics").splitlines()
        name = f'digits_workers{{role="served",version="{version}"}} '
        return [float(line.removeprefix(name)) for line in lines if line.startswith(name)] == [WORKERS]

    def settle(self) -> bool:
        """Wait until the service answers about as promptly as it did at first; whether it soon did."""
        deadline, prompt = time.monotonic() + SETTLED_SECONDS, 0
        while prompt < PROMPT_ANSWERS:
            if time.monotonic() > deadline:
                return False
            prompt = prompt + 1 if self.promptness() < PROMPT * self.prompt else 0
        return True

    def promptness(self) -> float:
        """Measure the seconds of a health check."""
        began = time.monotonic()
        self._get("/health/live")
        return time.monotonic() - began

    def stop(self) -> str:
        """Stop the service, and say what was wrong with its end; empty if nothing was."""
        if self.master.poll() is not None:
            return f"the service ended by itself, with status {self.master.returncode}"
        self.master.send_signal(signal.SIGTERM)
        try:
            status = self.master.wait(serving.PATIENCE)
        except subprocess.TimeoutExpired:
            with ended(self.master.pid):
                return f"the service did not end within {serving.PATIENCE} s of SIGTERM"
        return f"the service ended with status {status}" if status else ""

    def _get(self, path: str) -> str:
        """Return what the service answers; nothing if it was asked of a worker that was killed."""
        try:
            headers = {"X-API-Key": self.keys["free"]}
            return requests.get(self.url + path, headers=headers, timeout=serving.PATIENCE).text
        except requests.RequestException:
            return ""

    def await_version(self, version: int) -> None:
        """Wait until every worker serves a version."""
        until(lambda: self.serves(version))


def _command(process: int) -> bytes:
    with suppress(OSError):  # it has ended
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


@contextmanager
def running() -> Iterator[Site]:
    """Start all, and stop it at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="digits-chaos-")))
        disk = folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", disk], check=True)
        stack.callback(subprocess.run, ["umount", "--lazy", disk], check=True)
        committed, store = Store(ARTIFACTS / "digits"), Store(disk / "digits")
        for version in committed.versions():
            store.publish(committed.resolve(version))
        store.promote(1)
        keys = folder / "keys.txt"
        made = {name: api_keys.add(keys, name, rate) for name, rate in (("free", 0), ("rated", RATE), ("hostile", 0))}
        redis = RedisServer()
        stack.callback(redis.kill)
        database = Database(stack.enter_context(postgresql.running()))
        clock = Clock(folder)
        settings = {
            "WORKERS": str(WORKERS), "DIGITS_MODELS": str(store.root), "DIGITS_KEYS": str(keys),
            "DIGITS_REDIS_URL": redis.url, "DIGITS_DATABASE_URL": database.url,
            "DIGITS_DEADLINE_MS": str(DEADLINE_MS), "CHAOS_LOG": str(folder / "log"), **clock.environment,
        }  # fmt: skip
        try:
            url, master = stack.enter_context(serving.service(code=START, **settings))
        except AssertionError as error:
            raise AssertionError((folder / "log").read_text()) from error
        site = Site(url, master, disk, store, made, redis, database, clock, folder / "log")
        stack.callback(site.stop)
        site.await_version(1)
        yield site
