"""What small requests feel of large ones beside them: photos of 12 megapixels, and forms of 256 images."""

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
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.progress import Progress
from tests.benchmarks.protocol import BOUNDARY, FORM
from tests.benchmarks.rounds import START_SECONDS, WARM_CONCURRENCY, WARM_SECONDS, Plan
from tests.benchmarks.server import running
from tests.benchmarks.spread import Spread
from tests.benchmarks.wrk import Load

CONCURRENCY = 16
"""Of the small requests."""
LARGE = 1
"""Large requests under way at a time."""


@dataclass(frozen=True)
class Neighbour:
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
    """MNIST's digit, 256 times."""
    one = FORM.encode(PAYLOADS[0].png)
    end = f"--{BOUNDARY}--\r\n".encode()
    return one.removesuffix(end) * 256 + end


NEIGHBOURS = (
    Neighbour("photos of 12 megapixels", {"Content-Type": "image/jpeg"}, _photo),
    Neighbour("forms of 256 images", FORM.headers, _form),
)

Felt = dict[str, list[tuple[Load, Load | None]]]
"""Neighbour -> a round each: the load of small requests, and of the large ones beside them; alone there is none."""
ALONE = "nothing"


def measure(plan: Plan) -> Felt:
    """Load the service with small requests, alone and beside each neighbour, `plan.rounds` times in turn."""
    felt: Felt = {}
    per_round = START_SECONDS + WARM_SECONDS + (1 + len(NEIGHBOURS)) * plan.seconds
    progress = Progress(plan.rounds * per_round)
    bodies = [neighbour.body() for neighbour in NEIGHBOURS]
    for _ in range(plan.rounds):
        progress.begin("Small requests beside large ones")
        with running(SERVICE, plan.artifact, plan.port, plan.workers) as server, ThreadPoolExecutor(1) as beside:
            url, headers, body = server.url, SERVICE.protocol.headers, PAYLOADS[0].png
            wrk.run(url, headers, body, WARM_CONCURRENCY, WARM_SECONDS)
            felt.setdefault(ALONE, []).append((wrk.run(url, headers, body, CONCURRENCY, plan.seconds), None))
            for neighbour, large in zip(NEIGHBOURS, bodies, strict=True):
                others = beside.submit(wrk.run, url, neighbour.headers, large, LARGE, plan.seconds)
                small = wrk.run(url, headers, body, CONCURRENCY, plan.seconds)
                felt.setdefault(neighbour.title, []).append((small, others.result()))
        progress.end(per_round)
    progress.close()
    return felt


def document(felt: Felt) -> list[dict[str, Any]]:
    """What was felt, as JSON."""
    return [_row(title, pairs) for title, pairs in felt.items()]


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
