"""What is done to the service and to what it depends on. Each lasts some seconds, and ends when all is as it was."""

from __future__ import annotations

import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from models.errors import StoreUnwritable
from models.registry.store import ARTIFACTS, Store
from tests.chaos import connection, hostile
from tests.chaos.site import Site
from tests.service.server.test_disk import fill
from tests.service.steady import until

DAY, HOUR = 86_400, 3_600
FIRST_BROKEN = 7
"""Number of the first version that is broken."""
NETWORK = "network.int8.tflite"
GRACE = 60
"""Seconds that hostile senders may take to end after their time."""


class Disturbance(NamedTuple):
    """Something that is done for some seconds."""

    name: str
    act: Callable[[Site, float], None]


def kill_workers(site: Site, seconds: float) -> None:
    """Kill one worker after the other, each when the one before is replaced."""
    until_time = time.monotonic() + seconds
    while time.monotonic() < until_time:
        kill_worker(site)


def kill_worker(site: Site) -> None:
    """Kill a worker, and wait until another has taken its place."""
    worker = site.workers()[0]
    site.kills.append(connection.kill(worker, site.port))
    until(lambda: worker not in site.workers())
    site.await_version(1)


def swap_versions(site: Site, seconds: float) -> None:
    """Promote and roll back."""
    until_time = time.monotonic() + seconds
    while time.monotonic() < until_time:
        site.store.promote(2)
        site.await_version(2)
        site.store.rollback()
        site.await_version(1)


def kill_readers(site: Site, seconds: float) -> None:
    """Kill the processes that read bodies, and the one that starts them."""
    until_time = time.monotonic() + seconds
    while time.monotonic() < until_time:
        for reader in site.readers():
            with suppress(ProcessLookupError):
                os.kill(reader, signal.SIGKILL)
        time.sleep(seconds / 4)


def publish_broken(site: Site, seconds: float) -> None:
    """Point `stable` at broken versions, and kill a worker meanwhile."""
    labels = site.store.root / "labels.json"
    right = labels.read_bytes()
    for version, harm in enumerate(HARMS, FIRST_BROKEN):
        folder = site.store.root / str(version)
        shutil.copytree(site.store.resolve(1), folder)
        harm(folder)
        _replace(labels, json.dumps({"stable": version, "canary": None}).encode())
        until(lambda version=version: site.refused() == version)
        time.sleep(seconds / len(HARMS))
        shutil.rmtree(folder)
    kill_worker(site)
    _replace(labels, right)
    until(lambda: site.refused() is None)


def cut(version: Path) -> None:
    """Cut a network in two."""
    network = version / NETWORK
    os.truncate(network, network.stat().st_size // 2)


def bar(version: Path) -> None:
    """Put a folder in the place of a network, which cannot be opened."""
    (version / NETWORK).unlink()
    (version / NETWORK).mkdir()


def confuse(version: Path) -> None:
    """Write a temperature that is no number."""
    contract = version / "model.json"
    contract.write_text(json.dumps(json.loads(contract.read_bytes()) | {"temperature": float("nan")}))


HARMS = (cut, bar, confuse)


def fill_disk(site: Site, seconds: float) -> None:
    """Fill the disk of the models; a version that is published meanwhile is refused."""
    filler = site.disk / "filler"
    fill(filler)
    with suppress(StoreUnwritable):
        site.store.publish(Store(ARTIFACTS / "digits").resolve(1))
        raise AssertionError("a version was published on a full disk")
    _hold(seconds, filler.unlink)


def stop_redis(site: Site, seconds: float) -> None:
    """Kill Redis, and start it again."""
    site.redis.kill()
    _hold(seconds, site.redis.start)


def hang_redis(site: Site, seconds: float) -> None:
    """Have Redis accept and be silent."""
    site.redis.stop()
    _hold(seconds, site.redis.resume)


def stop_database(site: Site, seconds: float) -> None:
    """Stop PostgreSQL as a crash would, and start it again."""
    site.database.kill()
    _hold(seconds, site.database.start)


def hang_database(site: Site, seconds: float) -> None:
    """Have PostgreSQL accept and be silent."""
    site.database.hang()
    _hold(seconds, site.database.resume)


def set_clock(site: Site, seconds: float) -> None:
    """Set the wall clock ahead, back, and right."""
    for offset in (DAY, -HOUR):
        site.clock.set(offset)
        time.sleep(seconds / 2)
    site.clock.set(0)


def exhaust_descriptors(site: Site, seconds: float) -> None:
    """Leave one worker without a free descriptor, then the other."""
    for worker in site.workers():
        with _no_more_descriptors(worker):
            time.sleep(seconds / 2)


@contextmanager
def _no_more_descriptors(process: int) -> Iterator[None]:
    taken = {int(path.name) for path in Path(f"/proc/{process}/fd").iterdir()}
    lowest_free = next(number for number in itertools.count() if number not in taken)
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)


def _hold(seconds: float, undo: Callable[[], None]) -> None:
    """Wait, then undo what was done, also if the run is interrupted: a hung server cannot be stopped."""
    try:
        time.sleep(seconds)
    finally:
        undo()


def _replace(file: Path, content: bytes) -> None:
    incoming = file.with_name("incoming")
    incoming.write_bytes(content)
    incoming.replace(file)


def _hostile(kind: str) -> Callable[[Site, float], None]:
    """Have a process send what is hostile, and wait until it has its answers."""

    def act(site: Site, seconds: float) -> None:
        command = [sys.executable, "-m", "tests.chaos.hostile", kind, site.url, site.keys["hostile"], str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + GRACE, check=False)
        assert done.returncode == 0, f"{kind}: the sender failed: {done.stderr}"
        site.hostile.append(hostile.Sent.parse(done.stdout))

    return act


ALL = (
    Disturbance("workers killed", kill_workers),
    Disturbance("readers killed", kill_readers),
    Disturbance("versions swapped", swap_versions),
    Disturbance("broken versions", publish_broken),
    Disturbance("the disk is full", fill_disk),
    Disturbance("Redis is stopped", stop_redis),
    Disturbance("Redis hangs", hang_redis),
    Disturbance("PostgreSQL is stopped", stop_database),
    Disturbance("PostgreSQL hangs", hang_database),
    Disturbance("the clock is set", set_clock),
    Disturbance("no descriptors", exhaust_descriptors),
    *(Disturbance(kind, _hostile(kind)) for kind in hostile.KINDS),
)
