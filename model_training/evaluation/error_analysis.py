"""Analyse a model's answers one by one: its mistakes, its doubts, the rates of each digit and writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training.evaluation import metrics
from models.inference.digit_model import Predictions

BEST = 3
SURE = 0.99
"""An accepted answer of a higher probability than this makes another label look wrong."""


@dataclass(frozen=True)
class ClassifiedDigit:
    """One digit with its label and the model's answers.

    Attributes:
        index: of the digit in its split.
        label: 0 to 9.
        best: the three most probable digits with their probabilities, the most probable first.
    """

    index: int
    label: int
    best: tuple[tuple[int, float], ...]

    @property
    def predicted(self) -> int:
        return self.best[0][0]

    @property
    def correct(self) -> bool:
        return self.predicted == self.label


@dataclass(frozen=True)
class Rates:
    """How well one digit is read."""

    digit: int
    n: int
    precision: float  # share of the answers `digit` that are correct
    recall: float  # share of the labels `digit` that are answered `digit`


def mistakes(predictions: Predictions, labels: NDArray[np.uint8]) -> list[ClassifiedDigit]:
    """List the wrong answers, the most confident first."""
    wrong = np.flatnonzero(predictions.probabilities.argmax(axis=1) != labels)
    return sorted((_classified(predictions, labels, index) for index in wrong), key=lambda digit: -digit.best[0][1])


def doubts(predictions: Predictions, labels: NDArray[np.uint8], n: int) -> list[ClassifiedDigit]:
    """List the n answers with the smallest margin between the two best digits, the smallest first."""
    best = np.sort(predictions.probabilities, axis=1)
    order = np.argsort(best[:, -1] - best[:, -2], kind="stable")[:n]
    return [_classified(predictions, labels, index) for index in order]


def suspected_mislabels(predictions: Predictions, labels: NDArray[np.uint8]) -> list[ClassifiedDigit]:
    """List the wrong answers that are so sure that the label is suspect, the most confident first."""
    accepted = ~metrics.refused(predictions)
    return [d for d in mistakes(predictions, labels) if accepted[d.index] and d.best[0][1] > SURE]


def rates(confusion: list[list[int]]) -> list[Rates]:
    """Compute precision and recall of each digit; 0 where there is nothing to take a share of."""
    counts = np.array(confusion)
    predicted, labelled = counts.sum(axis=0), counts.sum(axis=1)
    return [
        Rates(
            digit=digit,
            n=int(labelled[digit]),
            precision=float(counts[digit, digit] / max(predicted[digit], 1)),
            recall=float(counts[digit, digit] / max(labelled[digit], 1)),
        )
        for digit in range(len(counts))
    ]


def writers(people: dict[str, Any]) -> list[dict[str, Any]]:
    """List the writers in a record's `people` with their counts, those with the most mistakes a digit first."""
    rows = [
        {"collection": collection, "writer": writer} | counts
        for collection, scores in people.items()
        for writer, counts in scores.get("by_writer", {}).items()
    ]
    return sorted(rows, key=lambda row: (-row["mistakes"] / row["n"], -row["mistakes"], row["writer"]))


def _classified(predictions: Predictions, labels: NDArray[np.uint8], index: int) -> ClassifiedDigit:
    row = predictions.probabilities[index]
    best = np.argsort(-row, kind="stable")[:BEST]
    return ClassifiedDigit(int(index), int(labels[index]), tuple((int(digit), float(row[digit])) for digit in best))
