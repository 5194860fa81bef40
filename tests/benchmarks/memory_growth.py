"""Memory of the service after hundreds of thousands of requests, which must not grow."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import wrk
from tests.benchmarks.contestant import SERVICE
from tests.benchmarks.payload import MNIST
from tests.benchmarks.rounds import Plan
from tests.benchmarks.server import running

REQUESTS = 200_000
CONCURRENCY = 64
WARM_SECONDS = 2


def measure(plan: Plan) -> dict[str, Any]:
    """Load the service with single digits.

    Returns:
        `requests`, and `mib`: the memory before and after them.
    """
    headers, bodies = SERVICE.protocol.headers, MNIST.pngs
    requests = 0
    with running(SERVICE, plan.port, plan.workers) as server:
        wrk.run(server.url, headers, bodies, CONCURRENCY, WARM_SECONDS)
        before = server.memory_mib
        while requests < REQUESTS:
            rate = wrk.run(server.url, headers, bodies, CONCURRENCY, plan.seconds).requests_per_second
            requests += round(rate * plan.seconds)
        return {"requests": requests, "mib": [before, server.memory_mib]}
