"""wrk: one load against one server."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("post.lua")
TIMEOUT_SECONDS = 10
"""An answer later than this is an error."""


class WrkFailed(Exception):
    """wrk could not do its work."""


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw."""

    requests_per_second: float  # answered with a status below 400
    p50_ms: float
    p99_ms: float
    status_errors: int  # answers of 400 and above
    socket_errors: int  # connections, reads and writes that failed or timed out

    @property
    def errors(self) -> int:
        return self.status_errors + self.socket_errors


def version() -> str:
    """Of the wrk on this machine.

    Raises:
        FileNotFoundError: there is none.
    """
    if shutil.which("wrk") is None:
        raise FileNotFoundError("wrk is not installed; install it first, on Debian with: apt-get install wrk")
    banner = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout
    return banner.split()[1].removeprefix("debian/")


def run(url: str, headers: Mapping[str, str], body: bytes, concurrency: int, seconds: float) -> Load:
    """POST `body` over `concurrency` connections, each a request at a time.

    wrk has one thread, so that it takes as little as it can of the cores it shares with the server.

    Args:
        seconds: how long; wrk counts whole ones.

    Raises:
        WrkFailed: it could not connect.
    """
    with tempfile.NamedTemporaryFile(prefix="digits-body-") as file:
        file.write(body)
        file.flush()
        command = [
            "wrk", "-t1", f"-c{concurrency}", f"-d{max(1, round(seconds))}s", f"--timeout={TIMEOUT_SECONDS}s",
            f"-s{SCRIPT}", url, "--", file.name, *(part for header in headers.items() for part in header),
        ]  # fmt: skip
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise WrkFailed(f"wrk: {result.stderr.strip() or result.stdout.strip()}")
    return parse(result.stdout)


def parse(output: str) -> Load:
    """Read the line of JSON that post.lua leaves at the end of wrk's output.

    Raises:
        WrkFailed: there is none.
    """
    lines = output.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise WrkFailed(f"wrk said nothing of the run: {output[-200:]!r}")
    said = json.loads(lines[-1])
    return Load(
        requests_per_second=(said["requests"] - said["status_errors"]) / (said["duration_us"] / 1e6),
        p50_ms=said["p50_us"] / 1e3,
        p99_ms=said["p99_us"] / 1e3,
        status_errors=said["status_errors"],
        socket_errors=said["socket_errors"],
    )
