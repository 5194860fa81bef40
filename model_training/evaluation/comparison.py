"""Two versions held against each other: who reads better, who is faster, what else is different."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.inference.digit_model import DigitModel

SIGNIFICANT = 0.05
BATCHES = (1, 8, 32)
ROUNDS, ROUND_SECONDS = 7, 0.1
HARD = {"people", "letters", "invariance", "mnist_c", "disputed"}
MEASURED = {
    "history", "validation", "test", "int8_test", "engine_disagreement", "trained_at", "seconds", "command", *HARD,
}  # fmt: skip
"""What is in report.json as a result; all else is a cause."""


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test (1947): of n digits that just one of two models reads right, is it as often this as that?"""

    only_one: int
    only_other: int
    p: float  # two-sided

    @property
    def significant(self) -> bool:
        return self.p < SIGNIFICANT


def mcnemar(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> McNemar:
    """Test which of the same n digits each model reads right.

    Args:
        one: (n,) bool.
        other: (n,) bool.
    """
    only_one, only_other = int((one & ~other).sum()), int((other & ~one).sum())
    n = only_one + only_other
    tail = sum(math.comb(n, k) for k in range(min(only_one, only_other) + 1))
    return McNemar(only_one, only_other, min(1.0, 2 * tail / 2**n))


def microseconds(models: list[DigitModel], digits: NDArray[np.uint8]) -> dict[int, list[float]]:
    """Microseconds a digit for each model, by the size of the batch: medians of interleaved rounds on this machine."""
    return {
        n: [
            float(np.median(times))
            for times in zip(*([_time(model, digits[:n]) for model in models] for _ in range(ROUNDS)), strict=True)
        ]
        for n in BATCHES
    }


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs between two records in data, configuration, versions and hardware; None where a record lacks it."""
    ours, theirs = (
        dict(_flat({key: value for key, value in record.items() if key not in MEASURED})) for record in (one, other)
    )
    return {
        name: (ours.get(name), theirs.get(name))
        for name in dict.fromkeys([*ours, *theirs])
        if ours.get(name) != theirs.get(name)
    }


def hard(record: dict[str, Any]) -> dict[str, float]:
    """What a record says of where it is hard, as shares; what was not measured is not there."""
    shares = {f"people: {name}": scores["accuracy"] for name, scores in record.get("people", {}).items()}
    if letters := record.get("letters"):
        shares["letters taken for digits"] = letters["letters_accepted"]
    if invariance := record.get("invariance"):
        shares["read alike in any drawing"] = invariance["same"]
    if spoilt := record.get("mnist_c"):
        for key, name in (("as_it_is", "MNIST-C as it is"), ("canonical", "MNIST-C redrawn")):
            shares[name] = float(np.mean([scores[key] for scores in spoilt.values()]))
    return shares


def _time(model: DigitModel, digits: NDArray[np.uint8]) -> float:
    """Microseconds a digit, over about ROUND_SECONDS."""
    calls, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < ROUND_SECONDS or not calls:
        model.predict(digits)
        calls += 1
    return spent * 1e6 / (calls * len(digits))


def _flat(document: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat = []
    for key, value in document.items():
        if isinstance(value, dict):
            flat += _flat(value, f"{prefix}{key}.")
        else:
            flat.append((prefix + key, value))
    return flat
