"""Raw batches: n x 784 bytes a request, beside what the engine alone classifies in as many processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np

from models.registry import artifact
from service.config import Config
from tests.benchmarks import environment, wrk
from tests.benchmarks.contestant import SERVED, SERVICE
from tests.benchmarks.payload import mnist_pixels
from tests.benchmarks.progress import Progress
from tests.benchmarks.rounds import START_SECONDS, Plan
from tests.benchmarks.server import running
from tests.benchmarks.spread import Spread, ratio
from tests.benchmarks.wrk import Load

BATCHES = (1, 32, 256)
"""Digits in one request."""
CONNECTIONS = 4
"""To each worker: enough to keep it busy."""
RAW = {"Content-Type": "application/octet-stream"}
BODIES = 16
"""Different ones."""
WARM_SECONDS = 1

_loaded: Barrier
"""Of the processes that run the engine alone; each has it from `_keep`."""


@dataclass
class RawBatches:
    loads: dict[int, list[Load]] = field(default_factory=dict)  # batch -> a round each
    engine: dict[int, list[float]] = field(default_factory=dict)  # batch -> digits per second, a round each


def measure(measured: RawBatches, plan: Plan) -> None:
    """Load the service and the engine alone with every batch, `plan.rounds` times in turn."""
    per_round = START_SECONDS + len(BATCHES) * (2 * (plan.seconds + WARM_SECONDS))
    progress = Progress(plan.rounds * per_round)
    for _ in range(plan.rounds):
        progress.begin("Raw batches")
        with running(SERVICE, plan.port, plan.workers) as server:
            for batch in BATCHES:
                wrk.run(server.url, RAW, _bodies(batch), CONNECTIONS * plan.workers, WARM_SECONDS)
                load = wrk.run(server.url, RAW, _bodies(batch), CONNECTIONS * plan.workers, plan.seconds)
                measured.loads.setdefault(batch, []).append(load)
        for batch in BATCHES:
            measured.engine.setdefault(batch, []).append(_engine_alone(batch, plan))
        progress.end(per_round)
    progress.close()


def document(measured: RawBatches) -> list[dict[str, Any]]:
    """The rates as JSON, a row for each batch."""
    return [_row(batch, loads, measured.engine[batch]) for batch, loads in measured.loads.items()]


def _row(batch: int, loads: Sequence[Load], engine: Sequence[float]) -> dict[str, Any]:
    rates = [batch * load.requests_per_second for load in loads]
    return {
        "batch": batch,
        "digits_per_second": vars(Spread.of(rates)),
        "engine_digits_per_second": vars(Spread.of(engine)),
        "share_of_engine": vars(ratio(rates, engine)),
        "p99_ms": vars(Spread.of([load.p99_ms for load in loads])),
        "errors": sum(load.errors for load in loads),
    }


def _bodies(batch: int) -> list[bytes]:
    """Batches of MNIST's digits, each beginning with another."""
    digits = mnist_pixels()
    starts = range(0, len(digits), len(digits) // BODIES)
    return [digits.take(range(start, start + batch), axis=0, mode="wrap").tobytes() for start in starts]


def _engine_alone(batch: int, plan: Plan) -> float:
    """Run the engine in as many processes as the service has workers, at the same time: digits per second of all."""
    context = multiprocessing.get_context("spawn")
    loaded = context.Barrier(plan.workers)
    with ProcessPoolExecutor(plan.workers, context, _keep, (loaded,)) as pool:
        runs = [pool.submit(_classify, environment.artifact(SERVED), batch, plan.seconds) for _ in range(plan.workers)]
        return sum(run.result() for run in runs)


def _keep(loaded: Barrier) -> None:
    """Keep the barrier in a new process; it cannot travel with a task."""
    global _loaded
    _loaded = loaded


def _classify(directory: Path, batch: int, seconds: float) -> float:
    """Classify batches for some seconds, from when every process has loaded the model: digits per second."""
    model = artifact.load(directory, Config().precision)
    digits = np.ascontiguousarray(mnist_pixels()[:batch])
    model.predict(digits)
    _loaded.wait()
    count, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        model.predict(digits)
        count += batch
    return count / passed
