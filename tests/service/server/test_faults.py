"""Faults under a steady load, with every answer counted."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from tests import serving
from tests.service.steady import CONCURRENCY, Steady, answers, until

PNG = {"Content-Type": "image/png"}


@pytest.fixture(scope="module")
def png(encode, splits):
    return encode(splits.test.digits[0])


def statuses(load):
    return Counter(status for status, _ in load.answers)


def more(load, count):
    """Until so many more are answered."""
    before = len(load.answers)
    until(lambda: len(load.answers) >= before + count)


def test_a_killed_worker_loses_only_its_own_requests(png):
    with serving.service(WORKERS="2") as (url, master), Steady(url, png) as load:
        more(load, 500)
        killed = serving.workers(master)[0]
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(serving.workers(master)) == 2 and killed not in serving.workers(master))
        more(load, 2000)
    assert statuses(load).keys() == {200}
    assert len(load.failures) <= CONCURRENCY


def test_a_reload_fails_no_request(png):
    with serving.service(WORKERS="2") as (url, master), Steady(url, png) as load:
        for _ in range(3):
            more(load, 500)
            before = serving.workers(master)
            master.send_signal(signal.SIGHUP)
            until(lambda before=before: len(now := serving.workers(master)) == 2 and not {*now} & {*before})
        more(load, 500)
    assert load.failures == []
    assert statuses(load).keys() == {200}


def test_a_stop_fails_no_request_that_was_received(png):
    with serving.service(WORKERS="2") as (url, master), Steady(url, png, keep_on=False) as load:
        more(load, 500)
        master.send_signal(signal.SIGTERM)
        until(lambda: master.poll() is not None)
    assert master.returncode == 0
    assert statuses(load).keys() == {200}
    assert load.cut == 0
    assert len(load.failures) == CONCURRENCY  # each client's last: nobody listens any more


def test_past_its_limit_it_refuses_at_once_and_recovers(encode, splits):
    """Only heavy requests wait, so only they can be too many."""
    drawing = encode(np.kron(255 - splits.test.digits[0], np.ones((30, 30), np.uint8)), "JPEG")
    headers = {"Content-Type": "image/jpeg"}
    with serving.service(WORKERS="1", DIGITS_MAX_QUEUE="4") as (url, _):
        with Steady(url, drawing, concurrency=64, headers=headers) as load:
            until(lambda: statuses(load)[503] > 1000 and statuses(load)[200] > 50)
            assert requests.get(f"{url}/health/ready", timeout=5).ok
        assert load.failures == []
        assert statuses(load).keys() == {200, 503}
        began = time.monotonic()
        until(lambda: requests.post(f"{url}/predict", data=drawing, headers=headers, timeout=5).status_code == 200)
        assert time.monotonic() - began < 2


def test_a_thousand_slow_senders_delay_no_other_request(png):
    with serving.service(WORKERS="2") as (url, _):
        address = urlsplit(url)
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\n"
        slow = [socket.create_connection((address.hostname, address.port)) for _ in range(1000)]
        try:
            for connection in slow:
                connection.sendall(head)
            with Steady(url, png) as load:
                for _ in range(3):
                    more(load, 500)
                    for connection in slow:
                        connection.sendall(b"x")
            assert load.failures == []
            assert statuses(load).keys() == {200}
        finally:
            for connection in slow:
                connection.close()
        until(lambda: answers(url))


def test_memory_does_not_grow(png):
    with serving.service(WORKERS="1") as (url, master), Steady(url, png) as load:
        more(load, 3000)
        before = resident(master)
        more(load, 15_000)
        assert resident(master) - before < 3


def resident(master):
    """MiB of the one worker."""
    with open(f"/proc/{serving.workers(master)[0]}/status") as status:
        return int(status.read().split("VmRSS:")[1].split()[0]) / 1024
