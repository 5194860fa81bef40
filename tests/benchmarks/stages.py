"""What each stage of our own service costs, in one process, without HTTP.

The only module here that knows the service's functions.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson

from models.preprocessing.canonicalize import canonicalize
from models.registry import artifact
from service.config import Config
from service.images.decode import decode
from service.inference import malloc
from service.protocols import native
from service.protocols.request import Call
from tests.benchmarks.payload import Payload

BATCHES = (1, 8, 16, 32)
"""Digits that the model classifies at once."""
REPEATS = 5
SECONDS = 0.05
"""Roughly, of each repeat."""


def measure(directory: Path, payload: Payload) -> dict[str, list[float]]:
    """Time the stages of one prediction.

    Args:
        directory: of the artifact.
        payload: to predict.

    Returns:
        Stage -> microseconds a digit, once for each repeat. "inference at n" runs n digits at a time.
    """
    malloc.keep_for_the_next()
    model, config, png = artifact.load(directory), Config(), payload.png
    call = Call("image/png", {}, png, "0" * 32)
    drawing = decode(png, config.max_pixels)
    digit = canonicalize(drawing)
    reading = native.read(call, config)
    batches = {n: np.stack([digit] * n) for n in BATCHES}
    predictions = model.predict(batches[1])
    return {
        "decode": _microseconds(lambda: decode(png, config.max_pixels)),
        "canonicalize": _microseconds(lambda: canonicalize(drawing)),
        **{
            f"inference at {n}": [us / n for us in _microseconds(lambda digits=digits: model.predict(digits))]
            for n, digits in batches.items()
        },
        "serialize": _microseconds(lambda: orjson.dumps(native.write(reading, predictions, call.request_id))),
    }


def _microseconds(function: Callable[[], object]) -> list[float]:
    timer = timeit.Timer(function)
    calls, seconds = timer.autorange()
    calls = max(1, round(calls * SECONDS / seconds))
    return [1e6 * total / calls for total in timer.repeat(REPEATS, calls)]
