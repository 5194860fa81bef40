"""What is done to the service and to what it depends on. Each lasts some seconds, and ends when all is as it was."""

from __future__ import annotations

import itertools
import os
import resource
import shutil
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
BROKEN = 9
"""Number of the version that is broken."""
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


def publish_broken(site: Site, seconds: float) -> None:
    """Point `stable` at a version whose network is cut, and at one that is not there, and kill a worker meanwhile."""
    labels, broken = site.store.root / "labels.json", site.store.root / str(BROKEN)
    right = labels.read_bytes()
    shutil.copytree(site.store.resolve(1), broken)
    network = broken / "network.int8.tflite"
    os.truncate(network, network.stat().st_size // 2)
    _write_label(labels, BROKEN)
    until(site.refused)
    kill_worker(site)
    time.sleep(seconds / 2)
    shutil.rmtree(broken)
    time.sleep(seconds / 2)
    incoming = labels.with_name("right")
    incoming.write_bytes(right)
    incoming.replace(labels)
    until(lambda: not site.refused())


def fill_disk(site: Site, seconds: float) -> None:
    """Fill the disk of the models; a version that is published meanwhile is refused."""
    filler = site.disk / "filler"
    fill(filler)
    with suppress(StoreUnwritable):
        site.store.publish(Store(ARTIFACTS / "digits").resolve(1))
        raise AssertionError("a version was published on a full disk")
    time.sleep(seconds)
    filler.unlink()


def stop_redis(site: Site, seconds: float) -> None:
    """Kill Redis, and start it again."""
    site.redis.kill()
    time.sleep(seconds)
    site.redis.start()


def hang_redis(site: Site, seconds: float) -> None:
    """Have Redis accept and be silent."""
    site.redis.stop()
    time.sleep(seconds)
    site.redis.resume()


def stop_database(site: Site, seconds: float) -> None:
    """Stop PostgreSQL as a crash would, and start it again."""
    site.database.kill()
    time.sleep(seconds)
    site.database.start()


def hang_database(site: Site, seconds: float) -> None:
    """Have PostgreSQL accept and be silent."""
    site.database.hang()
    time.sleep(seconds)
    site.database.resume()


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


def _write_label(labels: Path, version: int) -> None:
    incoming = labels.with_name("broken")
    incoming.write_text(f'{{"stable": {version}, "canary": null}}')
    incoming.replace(labels)


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
    Disturbance("versions swapped", swap_versions),
    Disturbance("a broken version", publish_broken),
    Disturbance("the disk is full", fill_disk),
    Disturbance("Redis is stopped", stop_redis),
    Disturbance("Redis hangs", hang_redis),
    Disturbance("PostgreSQL is stopped", stop_database),
    Disturbance("PostgreSQL hangs", hang_database),
    Disturbance("the clock is set", set_clock),
    Disturbance("no descriptors", exhaust_descriptors),
    *(Disturbance(kind, _hostile(kind)) for kind in hostile.KINDS),
)
