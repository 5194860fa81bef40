"""A Redis of its own, for as long as a test needs it, that keeps nothing."""

from __future__ import annotations

import signal
import socket
import subprocess

from tests.service.steady import until
from tests.serving import PATIENCE, free_port


class RedisServer:
    """Debian's redis-server on a port of its own.

    Attributes:
        url: of it.
    """

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        """Start it, empty, and wait until it listens."""
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        until(self._listens)

    def kill(self) -> None:
        """As a machine that loses its power."""
        self._process.kill()
        self._process.wait(timeout=PATIENCE)

    def stop(self) -> None:
        """Keep its connections, and answer none of them."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0
