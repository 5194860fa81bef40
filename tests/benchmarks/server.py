"""Start a contestant, check that it reads the digit, and stop it with all its processes."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks import processes
from tests.benchmarks.contestant import PEERS, Contestant
from tests.benchmarks.environment import HOME, executables, network
from tests.benchmarks.payload import Payload

HOST = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 15
POLL_SECONDS = 0.02


class ServerFailed(Exception):
    """A server did not start, or read another digit."""


@dataclass(frozen=True)
class Server:
    contestant: Contestant
    port: int
    process: int  # id of the first of its processes
    start_up_s: float  # from its start to its first right answer

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}{self.contestant.protocol.path}"

    @property
    def memory_mib(self) -> float:
        return processes.memory_mib(self.process)


@contextlib.contextmanager
def running(contestant: Contestant, port: int, workers: int) -> Iterator[Server]:
    """Start a contestant, wait until it reads the first image of each payload, and stop it on leaving.

    Args:
        port: to listen on; the one after it must be free too.
        workers: processes that infer.

    Raises:
        ServerFailed: with the reason in one line.
    """
    if _listening(port):
        raise ServerFailed(f"port {port} is taken; choose another with --port")
    folder = executables(contestant)
    blanks = {"bin": str(folder), "port": str(port), "second_port": str(port + 1), "workers": str(workers)}
    environment = os.environ | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "HOST": HOST,
        "PORT": str(port),
        "WORKERS": str(workers),
        **(_peer_settings(contestant) if contestant.role == "peer" else {}),
        **{name: value.format_map(blanks) for name, value in contestant.settings.items()},
    }
    log_path = HOME / "logs" / f"{contestant.name}.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("w") as log:
        command = [part.format_map(blanks) for part in contestant.command]
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=contestant.folder, env=environment, stdout=log, stderr=log)
        try:
            _await_answer(process, contestant, port, contestant.payloads[0])
            start_up_s = time.perf_counter() - started
            for payload in contestant.payloads[1:]:
                _await_answer(process, contestant, port, payload)
            yield Server(contestant, port, process.pid, start_up_s)
        finally:
            _stop(process)


def _peer_settings(contestant: Contestant) -> dict[str, str]:
    return {
        "NETWORK": str(network(contestant)),
        "PYTHONPATH": str(PEERS / "shared"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _await_answer(process: subprocess.Popen[bytes], contestant: Contestant, port: int, payload: Payload) -> None:
    deadline = time.monotonic() + START_SECONDS
    problem = "no answer"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerFailed(f"ended with status {process.returncode}; see {HOME.name}/logs/{contestant.name}.log")
        try:
            status, body = _ask(contestant, port, payload)
        except (OSError, http.client.HTTPException):
            time.sleep(POLL_SECONDS)
            continue
        if status == 200:
            digit = contestant.protocol.digit(body)
            if digit == payload.digit:
                return
            raise ServerFailed(f"read the {payload.title} as {digit}, which is a {payload.digit}")
        problem = f"status {status}"
        time.sleep(POLL_SECONDS)
    raise ServerFailed(f"{problem} within {START_SECONDS} s; see {HOME.name}/logs/{contestant.name}.log")


def _ask(contestant: Contestant, port: int, payload: Payload) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=START_SECONDS)
    with contextlib.closing(connection):
        protocol = contestant.protocol
        connection.request("POST", protocol.path, protocol.encode(payload.png), dict(protocol.headers))
        response = connection.getresponse()
        return response.status, response.read()


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    with processes.ended(process.pid), contextlib.suppress(subprocess.TimeoutExpired):
        process.terminate()
        process.wait(STOP_SECONDS)
    process.wait()
