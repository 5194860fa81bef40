"""The time of each stage of a prediction in one process, without HTTP.

The only module here that calls the service's functions.
"""

from __future__ import annotations

import json
import subprocess
import timeit
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.preprocessing.canonicalize import canonicalize
from models.registry import artifact
from service.config import Config
from service.images.decode import decode
from tests.benchmarks.contestant import Contestant
from tests.benchmarks.environment import executables
from tests.benchmarks.payload import Payload

BATCHES = (1, 16, 256)
"""Digits that the model classifies at once."""
REPEATS = 5
SECONDS = 0.05
"""Roughly, of each repeat."""
PROGRAM = """
import json, sys, types
from pathlib import Path
from tests.benchmarks import stages
payload = types.SimpleNamespace(png=sys.stdin.buffer.read())
print(json.dumps(stages.measure(Path(sys.argv[1]), payload)))
"""


class StagesFailed(Exception):
    """A checkout could not time its stages."""


def measure_in(service: Contestant, payload: Payload) -> dict[str, list[float]]:
    """Time the stages of a checkout of the service, in a process of its own; returns what `measure` does.

    Raises:
        StagesFailed: with the last line of its error.
    """
    directory = service.checkout / "models" / "artifacts" / "digits" / str(service.version)
    command = [str(executables(service) / "python"), "-c", PROGRAM, str(directory)]
    result = subprocess.run(command, cwd=service.checkout, input=payload.png, capture_output=True, check=False)
    if result.returncode:
        raise StagesFailed(f"{service.title}: {result.stderr.decode().strip().splitlines()[-1]}")
    stages: dict[str, list[float]] = json.loads(result.stdout)
    return stages


def measure(directory: Path, payload: Payload) -> dict[str, list[float]]:
    """Time the stages of one prediction.

    Args:
        directory: of the artifact.
        payload: whose first PNG is predicted.

    Returns:
        Stage -> microseconds a digit, once for each repeat. "inference at n" runs n digits at a time.
    """
    config, png = Config(), payload.png
    model = artifact.load(directory, config.precision)
    drawing = decode(png, config.max_pixels)
    digit = canonicalize(drawing)
    batches = {n: np.stack([digit] * n) for n in BATCHES}
    return {
        "decode": _microseconds(lambda: decode(png, config.max_pixels)),
        "canonicalize": _microseconds(lambda: canonicalize(drawing)),
        **{
            f"inference at {n}": [us / n for us in _microseconds(lambda digits=digits: model.predict(digits))]
            for n, digits in batches.items()
        },
    }


def _microseconds(function: Callable[[], object]) -> list[float]:
    timer = timeit.Timer(function)
    calls, seconds = timer.autorange()
    calls = max(1, round(calls * SECONDS / seconds))
    return [1e6 * total / calls for total in timer.repeat(REPEATS, calls)]
