"""gunicorn, configured by Config."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from models.errors import ArtifactError
from service.config import Config
from service.observability.access_log import JsonLogger, configure
from service.observability.shared_counters import Counters
from service.server.asgi import Application
from service.server.worker import Worker
from service.shared import Shared

KEEP_ALIVE = 5
"""Seconds that an idle connection is kept; gunicorn's ASGI worker waits for it before it stops, so no longer."""
SHARED_MEMORY = "/dev/shm"
"""Where workers' heartbeats cost no disk; macOS has none."""
SLOTS = 4
"""Slots a worker for what it counts: a reload has twice the workers for a while, and another may follow soon."""
RESPAWN_PAUSE = 1
"""Seconds before gunicorn gets to start a worker again that found its model gone."""
STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}

log = logging.getLogger(__name__)


class Server(BaseApplication):
    """Runs the service until it is told to stop.

    Args:
        config: checked already.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._shared = Shared(Counters(SLOTS * config.workers))
        configure(config.log)
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
            "logger_class": JsonLogger if self._config.log == "json" else Logger,
            "when_ready": self._announce,
            "pre_fork": self._find_slot,
            "post_fork": hold_signals,
            "post_worker_init": hear_signals,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        try:
            return Application(self._config, self._shared)
        except ArtifactError as error:
            if not self._shared.last_good.value:
                raise
            log.error("a worker cannot start beside those that serve on: %s", error)
            time.sleep(RESPAWN_PAUSE)
            sys.exit(1)  # not gunicorn's own status, at which it would stop the others too

    def _find_slot(self, server: Any, worker: Any) -> None:
        taken = {other.slot for other in server.WORKERS.values()}
        self._shared.slot = worker.slot = min(set(range(len(self._shared.counters.slots))) - taken, default=0)

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
