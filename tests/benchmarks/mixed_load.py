"""Small requests beside large ones: photos of 12 megapixels, and forms of 256 images."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from tests.benchmarks import wrk
from tests.benchmarks.contestant import SERVICE
from tests.benchmarks.payload import MNIST
from tests.benchmarks.progress import Progress
from tests.benchmarks.protocol import BOUNDARY, FORM
from tests.benchmarks.rounds import START_SECONDS, WARM_CONCURRENCY, WARM_SECONDS, Plan
from tests.benchmarks.server import running
from tests.benchmarks.spread import Spread
from tests.benchmarks.wrk import Load

CONCURRENCY = 16
"""Of the small requests."""
LARGE = 1
"""Connections of the large requests."""


@dataclass(frozen=True)
class LargeRequest:
    title: str
    headers: Mapping[str, str]
    body: Callable[[], bytes]


def _photo() -> bytes:
    """A JPEG of 4000 x 3000 pixels."""
    blocks = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(blocks.repeat(10, axis=0).repeat(10, axis=1)).save(file, "JPEG", quality=70)
    return file.getvalue()


def _form() -> bytes:
    """A multipart form of one MNIST digit, 256 times."""
    one = FORM.encode(MNIST.png)
    end = f"--{BOUNDARY}--\r\n".encode()
    return one.removesuffix(end) * 256 + end


LARGE_REQUESTS = (
    LargeRequest("photos of 12 megapixels", {"Content-Type": "image/jpeg"}, _photo),
    LargeRequest("forms of 256 images", FORM.headers, _form),
)

MixedLoads = dict[str, list[tuple[Load, Load | None]]]
"""Title of the large requests -> a round each: the load of the small requests, and that of the large ones."""
ALONE = "nothing"


def measure(plan: Plan) -> MixedLoads:
    """Load the service with small requests, alone and beside each kind of large ones, `plan.rounds` times in turn."""
    measured: MixedLoads = {}
    per_round = START_SECONDS + WARM_SECONDS + (1 + len(LARGE_REQUESTS)) * plan.seconds
    progress = Progress(plan.rounds * per_round)
    large_bodies = [kind.body() for kind in LARGE_REQUESTS]
    for _ in range(plan.rounds):
        progress.begin("Small requests beside large ones")
        with running(SERVICE, plan.port, plan.workers) as server, ThreadPoolExecutor(1) as beside:
            url, headers, bodies = server.url, SERVICE.protocol.headers, MNIST.pngs
            wrk.run(url, headers, bodies, WARM_CONCURRENCY, WARM_SECONDS)
            measured.setdefault(ALONE, []).append((wrk.run(url, headers, bodies, CONCURRENCY, plan.seconds), None))
            for kind, large in zip(LARGE_REQUESTS, large_bodies, strict=True):
                others = beside.submit(wrk.run, url, kind.headers, [large], LARGE, plan.seconds)
                small = wrk.run(url, headers, bodies, CONCURRENCY, plan.seconds)
                measured.setdefault(kind.title, []).append((small, others.result()))
        progress.end(per_round)
    progress.close()
    return measured


def document(measured: MixedLoads) -> list[dict[str, Any]]:
    """The loads as JSON."""
    return [_row(title, pairs) for title, pairs in measured.items()]


def _row(title: str, pairs: Sequence[tuple[Load, Load | None]]) -> dict[str, Any]:
    small, large = [pair[0] for pair in pairs], [pair[1] for pair in pairs if pair[1]]
    return {
        "beside": title,
        "requests_per_second": vars(Spread.of([load.requests_per_second for load in small])),
        "p50_ms": vars(Spread.of([load.p50_ms for load in small])),
        "p99_ms": vars(Spread.of([load.p99_ms for load in small])),
        "large_per_second": vars(Spread.of([load.requests_per_second for load in large])) if large else None,
        "errors": sum(load.errors for load in [*small, *large]),
    }
