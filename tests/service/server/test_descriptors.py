"""A worker that may open no more files."""

from __future__ import annotations

import os
import resource
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

from service.inference.reloader import INTERVAL
from tests import serving
from tests.service.steady import answers, until

WATCHED = 6 * INTERVAL
"""Seconds for which the worker is watched: the labels are looked at several times meanwhile."""


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_worker_without_descriptors_waits_quietly_and_serves_again():
    with serving.service() as (url, master):
        (worker,) = serving.workers(master)
        address = urlsplit(url)
        with requests.Session() as session:
            session.get(f"{url}/health/ready", timeout=5)
            before = resource.prlimit(worker, resource.RLIMIT_NOFILE)
            resource.prlimit(worker, resource.RLIMIT_NOFILE, (0, before[1]))
            with socket.create_connection((address.hostname, address.port), 5):  # which cannot be accepted
                began, used = time.monotonic(), processor_seconds(worker)
                until(lambda: time.monotonic() - began > WATCHED)
                assert processor_seconds(worker) - used < WATCHED / 4
                assert session.get(f"{url}/health/ready", timeout=5).json()["refused"] is None
                large = session.post(f"{url}/predict", bytes(1 << 18), headers={"Content-Type": "image/png"}, timeout=5)
                assert large.status_code == 503
            resource.prlimit(worker, resource.RLIMIT_NOFILE, before)
        until(lambda: answers(url))
        master.send_signal(signal.SIGTERM)
        output, _ = master.communicate(timeout=serving.PATIENCE)
    assert [line for line in output.splitlines() if not line.startswith("Draw a digit")] == []
