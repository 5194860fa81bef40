"""gunicorn, set up by Config."""

from __future__ import annotations

import gc
import os
from typing import Any

import cv2
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from models.inference import runtime
from models.registry.artifact import ArtifactFiles
from models.registry.lines import LineFiles
from service import create_app
from service.config import Config
from service.images.warm_up import warm_up
from service.inference import malloc
from service.observability.access_log import JsonLogger, configure
from service.observability.shared_counters import Counters
from service.sandbox.sandbox import start_fork_server
from service.server import address
from service.server.worker import Worker
from service.services import Services, Shared, fallback

SHARED_MEMORY = "/dev/shm"
"""Where the heartbeats of workers cost no disk; macOS has none."""
SLOTS = 4
"""Slots of counters a worker: a reload doubles the workers for a while, and another may follow soon."""


class Server(BaseApplication):
    """Runs the service until it is told to stop.

    Args:
        config: settings, checked already.
        digits, numbers: the version of each model to serve first, read and verified; workers that start later can
            serve it from memory.
    """

    def __init__(self, config: Config, digits: ArtifactFiles, numbers: LineFiles) -> None:
        self._config = config
        self._shared = Shared(
            Counters(SLOTS * config.workers),
            digits=fallback(digits),
            numbers=fallback(numbers),
            fork_server=start_fork_server(config),
        )
        configure(config.log)
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": address.bind(self._config),
            "workers": self._config.workers,
            "worker_class": Worker,
            "worker_tmp_dir": SHARED_MEMORY if os.path.isdir(SHARED_MEMORY) else None,
            "control_socket_disable": True,
            "loglevel": "warning",
            "logger_class": JsonLogger if self._config.log == "json" else Logger,
            "when_ready": self._announce,
            "pre_fork": self._find_slot,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve. The master's objects are frozen, so that the workers' collectors leave their pages shared."""
        runtime.load_library()
        gc.collect()
        gc.freeze()
        super().run()

    def load(self) -> Any:
        """Build what a worker needs, in the worker."""
        malloc.keep_free_memory()
        cv2.setNumThreads(1)  # there is a worker for each core: more threads would only wait for each other
        services = Services(self._config, self._shared)
        warm_up()
        return services, create_app(services)

    def _find_slot(self, server: Any, worker: Any) -> None:
        taken = {other.slot for other in server.WORKERS.values()}
        self._shared.slot = worker.slot = min(set(range(len(self._shared.counters.slots))) - taken, default=0)

    def _announce(self, server: object) -> None:
        print(address.announcement(self._config), flush=True)
