"""python -m service: serve under gunicorn."""

from __future__ import annotations

import sys

from models.errors import DigitsError
from models.registry.artifact import ArtifactFiles
from models.registry.lines import LineFiles
from models.registry.store import Store
from service.access.api_keys import ApiKeys
from service.access.rate_limit import LocalRates
from service.access.redis_rate_limit import RedisRates
from service.config import Config
from service.observability import tracing
from service.server import address
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
        address.check(config)
    except DigitsError as error:
        sys.exit(f"service: {error}")
    Server(config, digits, numbers).run()


if __name__ == "__main__":
    main()
