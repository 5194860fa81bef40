"""What a digit costs as the work grows: raw bodies of more and more digits, one worker and all; and what stays in memory.

`POST /predict` takes n x 784 bytes as a batch of n. This is the service alone; the peers have no such way in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from tests.benchmarks import wrk
from tests.benchmarks.contestant import SERVICE
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.progress import Progress
from tests.benchmarks.rounds import CONCURRENCY, START_SECONDS, Plan
from tests.benchmarks.server import running
from tests.benchmarks.spread import Spread
from tests.benchmarks.wrk import Load

BATCHES = (1, 8, 32, 64, 256)
"""Digits in one request."""
CONNECTIONS = 4
"""To each worker: enough to keep it busy."""
RAW = {"Content-Type": "application/octet-stream"}
REQUESTS = 200_000
"""Over which memory must not grow."""
WARM_SECONDS = 2


@dataclass
class Costs:
    loads: dict[tuple[int, int], list[Load]] = field(default_factory=dict)  # (workers, batch) -> a round each
    requests: int = 0  # between the two sightings of memory
    memory_mib: tuple[float, float] | None = None  # after warming, and that many requests later


def measure(plan: Plan) -> Costs:
    """Load the service with batches, `plan.rounds` times in turn; then with many single digits."""
    costs = Costs()
    progress = Progress(plan.rounds * sum(1 for _ in _loads(plan)) * (plan.seconds + 1) + 2 * START_SECONDS)
    for _ in range(plan.rounds):
        for workers in _workers(plan):
            progress.begin(f"Batches, {workers} worker{'s' * (workers > 1)}")
            with running(SERVICE, plan.artifact, plan.port, workers) as server:
                for batch in BATCHES:
                    wrk.run(server.url, RAW, _digits(batch), CONNECTIONS * workers, 1)
                    load = wrk.run(server.url, RAW, _digits(batch), CONNECTIONS * workers, plan.seconds)
                    costs.loads.setdefault((workers, batch), []).append(load)
            progress.end(len(BATCHES) * (plan.seconds + 1))
    progress.begin(f"Memory over {REQUESTS:,} requests")
    with running(SERVICE, plan.artifact, plan.port, plan.workers) as server:
        protocol, body, most = SERVICE.protocol, PAYLOADS[0].png, CONCURRENCY[-1]
        wrk.run(server.url, protocol.headers, body, most, WARM_SECONDS)
        before = server.memory_mib
        while costs.requests < REQUESTS:
            rate = wrk.run(server.url, protocol.headers, body, most, plan.seconds).requests_per_second
            costs.requests += round(rate * plan.seconds)
        costs.memory_mib = before, server.memory_mib
    progress.end(2 * START_SECONDS)
    progress.close()
    return costs


def document(costs: Costs, engine_us: float) -> dict[str, Any]:
    """The costs as JSON.

    Args:
        engine_us: microseconds a digit that the engine alone takes at a batch of 32.
    """
    return {
        "batches": [_row(workers, batch, loads, engine_us) for (workers, batch), loads in costs.loads.items()],
        "memory": {"requests": costs.requests, "mib": costs.memory_mib},
    }


def _row(workers: int, batch: int, loads: Sequence[Load], engine_us: float) -> dict[str, Any]:
    rate = Spread.of([batch * load.requests_per_second for load in loads])
    return {
        "workers": workers,
        "batch": batch,
        "digits_per_second": vars(rate),
        "p99_ms": vars(Spread.of([load.p99_ms for load in loads])),
        "share_of_engine": rate.median * engine_us / 1e6 / workers,
        "errors": sum(load.errors for load in loads),
    }


def _workers(plan: Plan) -> list[int]:
    return sorted({1, plan.workers})


def _loads(plan: Plan) -> Iterator[tuple[int, int]]:
    return ((workers, batch) for workers in _workers(plan) for batch in BATCHES)


def _digits(count: int) -> bytes:
    """MNIST's digit, raw, that often."""
    return np.asarray(Image.open(io.BytesIO(PAYLOADS[0].png))).tobytes() * count
