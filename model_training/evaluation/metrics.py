"""How good a saved artifact is, measured through the engine that serves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_training import progress
from model_training.data.dataset import Split
from models.inference.digit_model import DigitModel, Predictions

BATCH = 500
ECE_BINS = 15


@dataclass(frozen=True)
class Evaluation:
    """How good a model is on one split."""

    n: int
    accuracy: float
    loss: float  # mean negative log-likelihood of the right digit, nats
    ece: float  # expected calibration error, 15 bins of equal width (Guo et al. 2017)
    refused: float  # share that is not_a_digit or ambiguous
    confusion: list[list[int]]  # [right digit][answer] -> how many


def evaluate(model: DigitModel, split: Split, name: str) -> Evaluation:
    """Classify a split and count.

    Args:
        model: loaded from disk.
        split: raw digits; MNIST's are canonical already.
        name: what the progress bar says.
    """
    return score(predict(model, split.digits, name), split.labels)


def score(predictions: Predictions, labels: NDArray[np.uint8]) -> Evaluation:
    """Count how many answers are right, honest and trusted.

    Args:
        predictions: of n digits.
        labels: (n,) uint8, what they are.
    """
    best = np.sort(predictions.probabilities, axis=1)
    answers = predictions.probabilities.argmax(axis=1)
    right = answers == labels
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, answers), 1)
    return Evaluation(
        n=len(labels),
        accuracy=float(right.mean()),
        loss=float(-np.log(np.maximum(predictions.probabilities[np.arange(len(labels)), labels], 1e-12)).mean()),
        ece=expected_calibration_error(best[:, -1], right),
        refused=float(refused(predictions).mean()),
        confusion=confusion.tolist(),
    )


def refused(predictions: Predictions) -> NDArray[np.bool_]:
    """(n,): which answers should not be trusted, not_a_digit or ambiguous."""
    rejection = predictions.model.contract.rejection
    best = np.sort(predictions.probabilities, axis=1)
    return (predictions.digit_score < rejection.min_digit_score) | (best[:, -1] - best[:, -2] < rejection.min_margin)


def predict(model: DigitModel, digits: NDArray[np.uint8], name: str) -> Predictions:
    """Classify many digits in batches, with a progress bar."""
    if not len(digits):
        return Predictions(np.zeros((0, 10), np.float32), np.zeros(0, np.float32), model)
    parts = [
        model.predict(digits[start : start + BATCH])
        for start in progress.bar(range(0, len(digits), BATCH), desc=name, unit="batch")
    ]
    return Predictions.concatenate(parts)


def expected_calibration_error(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """Mean distance of confidence from accuracy over bins of confidence, weighted by their size."""
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(sum(gaps))


def disagreement(model: DigitModel, artifact: Path, digits: NDArray[np.uint8]) -> float:
    """The largest difference of any probability between the service's engine and the saved Keras model."""
    from model_training.export import (
        artifact_files,  # here, so that whoever only evaluates need not wait for TensorFlow
    )

    served = predict(model, digits, "engine against Keras").probabilities
    return float(np.abs(served - artifact_files.keras_probabilities(artifact / "network.keras", digits)).max())
