"""Compare two versions: which reads better, which is faster, and what else differs."""

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
ROBUSTNESS = {"people", "letters", "invariance", "mnist_c", "disputed", "marks", "scripts"}
RESULTS = {
    "history", "validation", "test", "int8_test", "engine_disagreement", "trained_at", "seconds", "command",
    *ROBUSTNESS,
}  # fmt: skip
"""Keys of report.json that hold results; the other keys hold possible causes."""


@dataclass(frozen=True)
class McNemar:
    """The result of McNemar's exact test (1947) on the digits that only one of two models reads correctly."""

    only_first: int
    only_second: int
    p: float  # two-sided

    @property
    def significant(self) -> bool:
        return self.p < SIGNIFICANT


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """Test whether two models read equally well.

    Args:
        first: (n,) bool, which digits the first model reads correctly.
        second: (n,) bool, the same for the second model and the same digits.
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    n = only_first + only_second
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return McNemar(only_first, only_second, min(1.0, 2 * tail / 2**n))


def microseconds(models: list[DigitModel], digits: NDArray[np.uint8]) -> dict[int, list[float]]:
    """Time each model: batch size -> microseconds a digit, medians of interleaved rounds on this machine."""
    return {
        n: [
            float(np.median(times))
            for times in zip(*([_time(model, digits[:n]) for model in models] for _ in range(ROUNDS)), strict=True)
        ]
        for n in BATCHES
    }


def differences(first: dict[str, Any], second: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """List where two records differ in data, configuration, versions and hardware; None where a record lacks a key."""
    ours, theirs = (
        dict(_flat({key: value for key, value in record.items() if key not in RESULTS})) for record in (first, second)
    )
    return {
        name: (ours.get(name), theirs.get(name))
        for name in dict.fromkeys([*ours, *theirs])
        if ours.get(name) != theirs.get(name)
    }


def robustness(record: dict[str, Any]) -> dict[str, float]:
    """Summarize the robustness in a record as shares, without what was not measured."""
    shares = {f"people: {name}": scores["accuracy"] for name, scores in record.get("people", {}).items()}
    if letters := record.get("letters"):
        shares["letters taken for digits"] = letters["letters_accepted"]
    if invariance := record.get("invariance"):
        shares["read alike in any drawing"] = invariance["same"]
    if mnist_c := record.get("mnist_c"):
        for key, name in (("as_it_is", "MNIST-C as it is"), ("canonical", "MNIST-C redrawn")):
            shares[name] = float(np.mean([scores[key] for scores in mnist_c.values()]))
    shares |= {
        f"wrong and accepted: {name}": scores["wrong_accepted"] for name, scores in record.get("marks", {}).items()
    }
    return shares | {f"taken for a digit: {name}": each["accepted"] for name, each in record.get("scripts", {}).items()}


def _time(model: DigitModel, digits: NDArray[np.uint8]) -> float:
    """Return microseconds a digit, over about ROUND_SECONDS."""
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
