"""gunicorn, configured by Config."""

from __future__ import annotations

import os
import signal
from typing import Any

from gunicorn.app.base import BaseApplication

from service.asgi import Application
from service.config import Config
from service.worker import Worker

KEEP_ALIVE = 5
"""Seconds that an idle connection is kept; gunicorn's ASGI worker waits for it before it stops, so no longer."""
SHARED_MEMORY = "/dev/shm"
"""Where workers' heartbeats cost no disk; macOS has none."""
STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


class Server(BaseApplication):
    """Runs the service until it is told to stop.

    Args:
        config: checked already.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{self._config.host}:{self._config.port}",
            "workers": self._config.workers,
            "worker_class": Worker,
            "keepalive": KEEP_ALIVE,
            "asgi_disconnect_grace_period": 0,  # a client that hangs up costs no inference
            "worker_tmp_dir": SHARED_MEMORY if os.path.isdir(SHARED_MEMORY) else None,
            "control_socket_disable": True,
            "loglevel": "warning",
            "when_ready": self._announce,
            "post_fork": hold_signals,
            "post_worker_init": hear_signals,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        return Application(self._config)

    def _announce(self, server: object) -> None:
        host = "localhost" if self._config.host in ("127.0.0.1", "0.0.0.0", "::") else self._config.host
        print(f"Draw a digit at http://{host}:{self._config.port}  (Ctrl-C stops)", flush=True)


def hold_signals(server: object, worker: object) -> None:
    """Keep signals for later while a worker loads its model: uvloop would lose them before it runs."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)


def hear_signals(worker: Any) -> None:
    """From SIGTERM on, finish what is under way and say that this worker is not ready for more."""

    def drain() -> None:
        worker.asgi.predictor.draining = True
        worker.handle_exit_signal()

    worker.loop.add_signal_handler(signal.SIGTERM, drain)
    worker.loop.call_soon(signal.pthread_sigmask, signal.SIG_UNBLOCK, STOP)
