"""The real service, started as `make serve` does, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.textbook import NUMBERS, STORE

ROOT = Path(__file__).parents[1]
PATIENCE = 30
"""Seconds within which the service must be ready, or end."""


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a service: this process's own with `settings` in place of any inherited settings.

    The default models are the textbook CNN and the first reader of numbers.
    """
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("DIGITS_")}
    models = {"DIGITS_MODELS": str(STORE), "DIGITS_NUMBERS": str(NUMBERS)}
    return inherited | {"HOST": "127.0.0.1", "WORKERS": "1"} | models | settings


def free_port() -> int:
    """Find a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def service(code: str | None = None, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the service, wait until it is ready, and stop it at the end.

    Args:
        code: Python that starts it; None for `python -m service`.
        settings: environment variables.

    Yields:
        Its address, unix:PATH for a Unix socket, and the process of gunicorn's master.
    """
    port = free_port()
    host = settings.get("HOST", "")
    process = subprocess.Popen(
        [sys.executable, *(["-c", code] if code else ["-m", "service"])],
        cwd=ROOT,
        env=environment(PORT=str(port), **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    if host.startswith("unix:"):
        url = host
    elif ":" in host:
        url = f"http://[{host.strip('[]')}]:{port}"
    try:
        _await_ready(url, process)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def workers(master: subprocess.Popen[str]) -> list[int]:
    """Return the process ids of the workers. The master's other child, which starts sandboxes, has its own command."""
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
    return [int(pid) for pid in children if _command(pid) == _command(master.pid)]


def _command(pid: int | str) -> bytes:
    with suppress(OSError):  # it has ended
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _await_ready(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the service ended: {process.stdout.read() if process.stdout else ''}")
        try:
            if _is_ready(url):
                return
        except (OSError, requests.ConnectionError, requests.Timeout):
            time.sleep(0.02)
    raise AssertionError(f"the service was not ready within {PATIENCE} s")


def _is_ready(url: str) -> bool:
    if url.startswith("unix:"):
        return b" 200 " in ask_socket(url, b"GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[:20]
    return requests.get(f"{url}/health/ready", timeout=1).ok


def ask_socket(address: str, request: bytes) -> bytes:
    """Send a request to a Unix socket, unix:PATH, and return the response; the request must end the connection."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(address.removeprefix("unix:"))
        connection.sendall(request)
        received = b""
        while more := connection.recv(1 << 16):
            received += more
    return received
