"""The wall clock is set while the service answers; the monotonic clock is not."""

from __future__ import annotations

import http.client
import subprocess
import time
from contextlib import closing
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import requests

from service.access import api_keys
from service.server.http_protocol import KEEP_ALIVE
from tests import serving
from tests.service.steady import Steady, until

HOUR = 3600


class Clock:
    """The wall clock of a service.

    Args:
        folder: holds the offset of the clock, and the library that adds it.
    """

    def __init__(self, folder: Path) -> None:
        library, offset = folder / "clock.so", folder / "offset"
        source = Path(__file__).with_name("clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-nostdlib", "-O1", source, "-o", library], check=True)
        offset.write_bytes(bytes(8))
        self._offset = np.memmap(offset, np.int64, "r+")
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(offset)}

    def set(self, seconds: int) -> None:
        """Set the clock to an offset from the machine's."""
        self._offset[0] = seconds


def date_offset(url):
    """Return the seconds from the time here to the Date of a response."""
    date = requests.get(f"{url}/health/live", timeout=5).headers["Date"]
    return parsedate_to_datetime(date).timestamp() - time.time()


def asked(url, key):
    reply = requests.post(f"{url}/predict", data=bytes(784), headers={"Content-Type": "application/octet-stream", "X-API-Key": key}, timeout=10)  # fmt: skip
    return reply.status_code, int(reply.headers.get("Retry-After", 0))


def seconds_kept_alive(url):
    """Measure for how long an idle connection is kept."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    connection.request("GET", "/health/live")
    connection.getresponse().read()
    began = time.monotonic()
    with closing(connection):
        assert connection.sock.recv(1) == b""
    return time.monotonic() - began


def test_a_clock_that_is_set_back_under_load_fails_no_request_and_extends_no_time_limit(tmp_path, encode, splits):
    file = tmp_path / "keys.txt"
    free, few = api_keys.add(file, "free"), api_keys.add(file, "few", 2)
    clock = Clock(tmp_path)
    with serving.service(WORKERS="2", DIGITS_KEYS=str(file), **clock.environment) as (url, _):
        with Steady(url, encode(splits.test.digits[0]), headers={"X-API-Key": free}) as load:
            until(lambda: len(load.answers) > 200)
            assert abs(date_offset(url)) < 60
            while asked(url, few)[0] == 200:
                pass
            clock.set(-HOUR)
            until(lambda: abs(date_offset(url) + HOUR) < 60)
            status, retry_after = asked(url, few)
            assert status == 200 or retry_after == 1
            until(lambda: asked(url, few)[0] == 200)
            later = api_keys.add(file, "later")
            until(lambda: asked(url, later)[0] == 200)
            assert KEEP_ALIVE - 1 < seconds_kept_alive(url) < 3 * KEEP_ALIVE
            before = len(load.answers)
            until(lambda: len(load.answers) > before + 200)
        metrics = requests.get(f"{url}/metrics", headers={"X-API-Key": free}, timeout=5).text
    assert load.failures == []
    assert {status for status, _ in load.answers} == {200}
    seconds = [float(line.split()[-1]) for line in metrics.splitlines() if "_seconds_sum" in line]
    assert seconds
    assert all(0 <= total < HOUR / 2 for total in seconds)
