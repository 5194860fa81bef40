"""A model's answers to digits whose labels are known, one by one: its mistakes, its doubts, each digit's rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.inference.digit_model import Predictions

BEST = 3


@dataclass(frozen=True)
class Verdict:
    """What a model said of one digit.

    Attributes:
        index: of the digit in its split.
        label: what it is.
        best: the three likeliest digits with their probabilities, the answer first.
    """

    index: int
    label: int
    best: tuple[tuple[int, float], ...]

    @property
    def right(self) -> bool:
        return self.best[0][0] == self.label

    @property
    def margin(self) -> float:
        """How much likelier the answer is than the next."""
        return self.best[0][1] - self.best[1][1]


@dataclass(frozen=True)
class Rates:
    """How well one digit is read."""

    digit: int
    n: int
    precision: float  # share of the answers `digit` that are right
    recall: float  # share of the digits that are answered `digit`


def mistakes(predictions: Predictions, labels: NDArray[np.uint8]) -> list[Verdict]:
    """Every wrong answer, the surest first."""
    wrong = np.flatnonzero(predictions.probabilities.argmax(axis=1) != labels)
    return sorted((_verdict(predictions, labels, index) for index in wrong), key=lambda verdict: -verdict.best[0][1])


def doubts(predictions: Predictions, labels: NDArray[np.uint8], n: int) -> list[Verdict]:
    """The n answers with the least margin, the most doubtful first."""
    best = np.sort(predictions.probabilities, axis=1)
    order = np.argsort(best[:, -1] - best[:, -2], kind="stable")[:n]
    return [_verdict(predictions, labels, index) for index in order]


def rates(confusion: list[list[int]]) -> list[Rates]:
    """Precision and recall of each digit; 0 where there is nothing to take a share of."""
    counts = np.array(confusion)
    answered, there = counts.sum(axis=0), counts.sum(axis=1)
    return [
        Rates(
            digit=digit,
            n=int(there[digit]),
            precision=float(counts[digit, digit] / max(answered[digit], 1)),
            recall=float(counts[digit, digit] / max(there[digit], 1)),
        )
        for digit in range(len(counts))
    ]


def writers(people: dict[str, Any]) -> list[dict[str, Any]]:
    """The writers in a record's `people`, with the mistakes in reading each of them; the worst read first."""
    rows = [
        {"collection": collection, "writer": writer} | counts
        for collection, scores in people.items()
        for writer, counts in scores.get("by_writer", {}).items()
    ]
    return sorted(rows, key=lambda row: (-row["mistakes"] / row["n"], -row["mistakes"], row["writer"]))


def _verdict(predictions: Predictions, labels: NDArray[np.uint8], index: int) -> Verdict:
    row = predictions.probabilities[index]
    best = np.argsort(-row, kind="stable")[:BEST]
    return Verdict(int(index), int(labels[index]), tuple((int(digit), float(row[digit])) for digit in best))
