"""Load one server with wrk."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks import varied_requests

SCRIPT = Path(__file__).with_name("post.lua")
TIMEOUT_SECONDS = 10
"""A response later than this is an error."""


class WrkFailed(Exception):
    """wrk did not run to its end."""


@dataclass(frozen=True)
class Load:
    """One run of wrk."""

    requests_per_second: float  # with a status below 400
    p50_ms: float
    p99_ms: float
    status_errors: int  # responses of 400 and above
    socket_errors: int  # connections, reads and writes that failed or timed out

    @property
    def errors(self) -> int:
        return self.status_errors + self.socket_errors


def version() -> str:
    """Find the version of wrk on this machine.

    Raises:
        FileNotFoundError: wrk is not installed.
    """
    if shutil.which("wrk") is None:
        raise FileNotFoundError("wrk is not installed; install it first, on Debian with: apt-get install wrk")
    banner = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout
    return banner.split()[1].removeprefix("debian/")


def run(url: str, headers: Mapping[str, str], bodies: Sequence[bytes], concurrency: int, seconds: float) -> Load:
    """POST the bodies in turn over `concurrency` connections, each a request at a time.

    wrk has one thread, so that it takes as little as it can of the cores that it shares with the server.

    Args:
        headers: of every request; others vary (`varied_requests`).
        seconds: to load for; wrk counts whole ones.

    Raises:
        WrkFailed: it could not connect.
    """
    address = urlsplit(url)
    with tempfile.NamedTemporaryFile(prefix="digits-requests-") as file:
        file.write(varied_requests.write(address.netloc, address.path, headers, bodies))
        file.flush()
        command = [
            "wrk", "-t1", f"-c{concurrency}", f"-d{max(1, round(seconds))}s", f"--timeout={TIMEOUT_SECONDS}s",
            f"-s{SCRIPT}", url, "--", file.name,
        ]  # fmt: skip
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise WrkFailed(f"wrk: {result.stderr.strip() or result.stdout.strip()}")
    return parse(result.stdout)


def parse(output: str) -> Load:
    """Read the line of JSON that post.lua prints at the end of wrk's output.

    Raises:
        WrkFailed: the line is missing.
    """
    lines = output.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise WrkFailed(f"wrk printed no result; its output ends with {output[-200:]!r}")
    result = json.loads(lines[-1])
    return Load(
        requests_per_second=(result["requests"] - result["status_errors"]) / (result["duration_us"] / 1e6),
        p50_ms=result["p50_us"] / 1e3,
        p99_ms=result["p99_us"] / 1e3,
        status_errors=result["status_errors"],
        socket_errors=result["socket_errors"],
    )
