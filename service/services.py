"""Every object that lives as long as a worker, built once and handed to those who need it."""

from __future__ import annotations

from ctypes import c_int64
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawValue

from models.registry.artifact import ArtifactFiles
from models.registry.corrections import Corrections
from models.registry.store import Store
from service.access.admission import Admission
from service.access.api_keys import ApiKeys
from service.access.client_address import CorrectionRates
from service.access.hosts import Hosts
from service.access.rate_limit import LocalRates
from service.access.redis_rate_limit import RedisRates
from service.config import Config
from service.health import Health
from service.inference.canary import Shadow
from service.inference.reloader import Fallback, Reloader
from service.inference.served_models import CANARY, ServedModels
from service.observability.access_log import AccessLog
from service.observability.metrics import Metrics
from service.observability.observer import Observer
from service.observability.shared_counters import Counters
from service.observability.tracing import Traces
from service.pipeline import Pipeline
from service.sandbox.fork_server import ForkServer
from service.sandbox.sandbox import Sandbox


@dataclass
class Shared:
    """What the workers of a service share, made by gunicorn's master before it forks.

    The defaults suit a process on its own.

    Attributes:
        counters: a slot for each worker.
        slot: index of the slot of the worker that is forked next; in a worker, its own.
        key_rates: rates of API keys.
        correction_rates: rates of clients that send corrections.
        last_good: version that a worker loaded last; 0 before the first.
        files: the version that the master read; None if it read none.
        fork_server: starts the processes that read what takes long; None if each worker is to start its own.
    """

    counters: Counters = field(default_factory=Counters)
    slot: int = 0
    key_rates: LocalRates = field(default_factory=LocalRates)
    correction_rates: LocalRates = field(default_factory=LocalRates)
    last_good: c_int64 = field(default_factory=lambda: RawValue(c_int64))
    files: ArtifactFiles | None = None
    fork_server: ForkServer | None = None


class Services:
    """The long-lived objects of one worker.

    Args:
        config: settings; None reads the environment.
        shared: what the workers share; None for a process on its own.

    Raises:
        ConfigError: a setting is unknown or has a bad value.
        ArtifactError: the model must not be served.
    """

    def __init__(self, config: Config | None = None, shared: Shared | None = None) -> None:
        self.config = config = config or Config.from_environment()
        shared = shared or Shared()
        self.sandbox = Sandbox(config, shared.fork_server)
        self.metrics = metrics = Metrics(shared.counters, shared.slot)
        access_log = None if config.log == "quiet" else AccessLog(config.log)
        self.observer = Observer(metrics, access_log, Traces(config.traces) if config.traces else None)

        self.store = Store(config.models)
        fallback = Fallback(shared.last_good, shared.files)
        self.reloader = Reloader(
            self.store, config.version, precision=config.precision, metrics=metrics, fallback=fallback
        )
        self.models = ServedModels(self.reloader.load_first(), config.canary_share, metrics)
        self.canary_reloader = None
        if config.canary_share or config.shadow_share:
            self.canary_reloader = Reloader(
                self.store, CANARY, precision=config.precision, metrics=metrics, role=CANARY
            )
        self.shadow = Shadow(config.shadow_share, metrics) if config.shadow_share else None

        self.redis_rates = RedisRates(config.redis_url, shared.key_rates) if config.redis_url else None
        self.keys = ApiKeys(config.keys, self.redis_rates or shared.key_rates) if config.keys else None
        self.admission = Admission(config.max_queue, config.max_bytes, metrics)
        self.hosts = Hosts(config)
        self.correction_rates = CorrectionRates(shared.correction_rates)
        self.corrections = Corrections(config.database_url)

        self.health = Health(self.models, self.reloader, metrics.counters, self.keys)
        self.pipeline = Pipeline(self.models, self.shadow, self.sandbox, self.admission, self.keys, config, metrics)

    def start(self) -> None:
        """Begin to follow the labels."""
        self.reloader.start(self.models)
        if self.canary_reloader:
            self.canary_reloader.start(self.models)

    def close(self) -> None:
        """Stop following the labels, and send or close what is open."""
        self.reloader.close()
        if self.canary_reloader:
            self.canary_reloader.close()
        if self.shadow:
            self.shadow.close()
        if self.redis_rates:
            self.redis_rates.close()
        self.sandbox.close()
        self.observer.close()
