"""Every object that lives as long as a worker, built once and handed to those who need it."""

from __future__ import annotations

from ctypes import c_int64
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.sharedctypes import RawValue
from typing import Any

from models.registry.artifact import ArtifactFiles
from models.registry.corrections import Corrections
from models.registry.lines import LineFiles
from models.registry.store import Store
from service.access.admission import Admission
from service.access.api_keys import ApiKeys
from service.access.client_address import CorrectionRates
from service.access.hosts import Hosts
from service.access.origins import Origins
from service.access.rate_limit import LocalRates
from service.access.redis_rate_limit import RedisRates
from service.config import Config
from service.health import Health
from service.inference.canary import Shadow
from service.inference.number_predictor import NumberPredictor
from service.inference.predictor import Predictor
from service.inference.reloader import Fallback, Reloader
from service.inference.served_model import ServedModel
from service.inference.served_versions import CANARY, READER, ServedVersions
from service.observability.access_log import AccessLog
from service.observability.metrics import Metrics
from service.observability.observer import Observer
from service.observability.shared_counters import Counters
from service.observability.tracing import Traces
from service.pipeline.digits import DigitTask
from service.pipeline.numbers import NumberTask
from service.pipeline.pipeline import Pipeline
from service.pipeline.task import Task
from service.protocols.endpoint import DIGITS, NUMBERS
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
        digits, numbers: what a worker serves if a label points at a broken version when it starts.
        fork_server: starts the processes that read what takes long; None if each worker is to start its own.
    """

    counters: Counters = field(default_factory=Counters)
    slot: int = 0
    key_rates: LocalRates = field(default_factory=LocalRates)
    correction_rates: LocalRates = field(default_factory=LocalRates)
    digits: Fallback = field(default_factory=lambda: fallback())
    numbers: Fallback = field(default_factory=lambda: fallback())
    fork_server: ForkServer | None = None


def fallback(files: ArtifactFiles | LineFiles | None = None) -> Fallback:
    """Make a Fallback that workers share, with the version that the master read, if it read one."""
    return Fallback(RawValue(c_int64), files)


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

        self.digits = self._load_digits(shared.digits)
        self.numbers = self._load_numbers(shared.numbers)
        self.models: dict[str, ServedModel[Any]] = {model.name: model for model in (self.digits, self.numbers)}
        self.shadow = Shadow(config.shadow_share, metrics) if config.shadow_share else None

        self.redis_rates = RedisRates(config.redis_url, shared.key_rates) if config.redis_url else None
        self.keys = ApiKeys(config.keys, self.redis_rates or shared.key_rates) if config.keys else None
        self.admission = Admission(config.max_queue, config.max_bytes, metrics)
        self.hosts = Hosts(config)
        self.origins = Origins(config)
        self.correction_rates = CorrectionRates(shared.correction_rates)
        self.corrections = Corrections(config.database_url)

        self.health = Health(self.models, metrics.counters, self.keys)
        tasks: dict[str, Task] = {
            DIGITS: DigitTask(self.digits, self.numbers.versions, self.shadow, self.sandbox, metrics),
            NUMBERS: NumberTask(self.numbers, self.sandbox, config, metrics),
        }
        self.pipeline = Pipeline(tasks, self.admission, self.keys, config, metrics)

    def start(self) -> None:
        """Begin to follow the labels."""
        for model in self.models.values():
            model.start()

    def close(self) -> None:
        """Stop following the labels, and send or close what is open."""
        for model in self.models.values():
            model.close()
        if self.shadow:
            self.shadow.close()
        if self.redis_rates:
            self.redis_rates.close()
        self.sandbox.close()
        self.observer.close()

    def _load_digits(self, fallback: Fallback) -> ServedModel[Predictor]:
        config, metrics, store = self.config, self.metrics, Store(self.config.models)
        reload = partial(Reloader, store, ArtifactFiles.read, precision=config.precision, metrics=metrics)
        reloaders = [reload(config.version, fallback=fallback)]
        if config.canary_share or config.shadow_share:
            reloaders.append(reload(CANARY, role=CANARY))
        versions = ServedVersions(
            reloaders[0].load_first(),
            lambda model, role: Predictor(model, metrics, CANARY if role == CANARY else "infer"),
            metrics,
            canary_share=config.canary_share,
        )
        return ServedModel(DIGITS, store, config.version, versions, reloaders)

    def _load_numbers(self, fallback: Fallback) -> ServedModel[NumberPredictor]:
        config, metrics, store = self.config, self.metrics, Store(self.config.numbers)
        reloader = Reloader(
            store,
            LineFiles.read,
            "stable",
            precision=config.precision,
            metrics=metrics,
            role=READER,
            fallback=fallback,
        )
        digits = self.digits.versions
        versions = ServedVersions(
            reloader.load_first(), lambda model, _: NumberPredictor(model, digits, metrics), metrics, READER
        )
        return ServedModel(NUMBERS, store, "stable", versions, [reloader])
