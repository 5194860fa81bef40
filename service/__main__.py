"""python -m service: serve under gunicorn."""

from __future__ import annotations

import socket
import sys

from models.errors import DigitsError
from models.registry.artifact import ArtifactFiles
from models.registry.lines import LineFiles
from models.registry.store import Store
from service.access.api_keys import ApiKeys
from service.access.rate_limit import LocalRates
from service.access.redis_rate_limit import RedisRates
from service.config import Config
from service.errors import ConfigError
from service.observability import tracing
from service.server.settings import Server


def main() -> None:
    """Check the settings, the model and the address, then serve. A mistake is one line and exit status 1."""
    try:
        config = Config.from_environment()
        digits = ArtifactFiles.read(Store(config.models).resolve(config.version), config.precision)
        numbers = LineFiles.read(Store(config.numbers).resolve(), config.precision)
        if config.keys:
            ApiKeys(config.keys, LocalRates())
        if config.redis_url:
            RedisRates(config.redis_url, LocalRates())
        if config.traces:
            tracing.check(config.traces)
        check_address(config)
    except DigitsError as error:
        sys.exit(f"service: {error}")
    Server(config, digits, numbers).run()


def check_address(config: Config) -> None:
    """Refuse an address that cannot be listened on, which gunicorn would retry.

    Raises:
        ConfigError: it is taken, or is not an address of this machine.
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
