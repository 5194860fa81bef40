"""python -m service: the service under gunicorn."""

from __future__ import annotations

import socket
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

from models import artifact
from models.errors import DigitsError
from models.store import Store
from service import create_app
from service.config import Config, ConfigError

THREADS = 4
"""A worker: enough that a slow sender does not hold the others up."""


class Server(BaseApplication):
    """gunicorn, configured by Config."""

    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{self._config.host}:{self._config.port}",
            "workers": self._config.workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "when_ready": self._announce,
            "worker_tmp_dir": "/dev/shm",
            "control_socket_disable": True,
            "loglevel": "warning",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(self._config)

    def _announce(self, server: object) -> None:
        host = "localhost" if self._config.host in ("127.0.0.1", "0.0.0.0", "::") else self._config.host
        print(f"Draw a digit at http://{host}:{self._config.port}  (Ctrl-C stops)", flush=True)


def main() -> None:
    """Check settings, model and address, then serve; what is wrong is one line and exit status 1."""
    try:
        config = Config.from_environment()
        artifact.verify(Store(config.models).resolve(config.version))
        check_address(config)
    except DigitsError as error:
        sys.exit(f"service: {error}")
    Server(config).run()


def check_address(config: Config) -> None:
    """Refuse an address that cannot be listened on, before gunicorn retries it.

    Raises:
        ConfigError: it is taken, or not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {config.host} port {config.port} ({error.strerror}); set HOST or PORT to another"
        ) from error


if __name__ == "__main__":
    main()
