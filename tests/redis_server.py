"""A Redis server for a test, which stores nothing on disk."""

from __future__ import annotations

import signal
import socket
import subprocess

from tests.service.steady import until
from tests.serving import PATIENCE, free_port


class RedisServer:
    """A `redis-server` process on a free port, started at once.

    Attributes:
        url: its address.
    """

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        """Start the server without data and wait until it listens."""
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        until(self._listens)

    def kill(self) -> None:
        """Kill the server, as if its machine lost power."""
        self._process.kill()
        self._process.wait(timeout=PATIENCE)

    def stop(self) -> None:
        """Stop answering, but keep the connections open."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Answer again after `stop`."""
        self._process.send_signal(signal.SIGCONT)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0
