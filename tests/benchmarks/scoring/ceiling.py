"""What processes reach that decode, canonicalize and classify PNGs from memory, and do nothing else."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier

import numpy as np

from models.registry import artifact
from models.registry.store import Store
from service.config import Config
from service.images.canonical_digits import Images
from service.images.image import encoded
from service.score.scorer import BATCH
from tests.benchmarks.payload import MNIST

_loaded: Barrier
"""Of all processes; each has it from `_keep`."""


def measure(processes: int, seconds: float) -> float:
    """Run processes at the same time: pictures a second of all."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _keep, (context.Barrier(processes),)) as pool:
        return sum(pool.map(_classify, [seconds] * processes))


def _keep(loaded: Barrier) -> None:
    """Keep the barrier in a new process; it cannot travel with a task."""
    global _loaded
    _loaded = loaded


def _classify(seconds: float) -> float:
    """Read batches for some seconds, from when every process has loaded the model: pictures a second."""
    config, pngs = Config(), MNIST.pngs[:BATCH]
    model = artifact.load(Store(config.models).resolve(config.version), config.precision)
    _loaded.wait()
    count, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        digits = [Images([encoded(png, config.max_pixels)]).canonicalize(quick=True).digits[0] for png in pngs]
        model.predict(np.stack(digits))
        count += len(pngs)
    return count / passed
