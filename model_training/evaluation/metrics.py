"""Measure accuracy, calibration and rejection of a saved artifact through the engine that serves it."""

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
    """How well a model reads one split."""

    n: int
    accuracy: float
    loss: float  # mean negative log-likelihood of the label, nats
    ece: float  # expected calibration error, 15 bins of equal width (Guo et al. 2017)
    refused: float  # share that is not_a_digit or ambiguous
    confusion: list[list[int]]  # [label][predicted digit] -> how many


def evaluate(model: DigitModel, split: Split, name: str) -> Evaluation:
    """Classify a split and score the predictions.

    Args:
        model: loaded from disk.
        split: canonical digits, as MNIST's are.
        name: for the progress bar.
    """
    return score(predict(model, split.digits, name), split.labels)


def score(predictions: Predictions, labels: NDArray[np.uint8]) -> Evaluation:
    """Score predictions against labels.

    Args:
        predictions: of n digits.
        labels: (n,) uint8, 0..9.
    """
    probabilities = predictions.probabilities
    predicted = probabilities.argmax(axis=1)
    correct = predicted == labels
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, predicted), 1)
    return Evaluation(
        n=len(labels),
        accuracy=float(correct.mean()),
        loss=float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)).mean()),
        ece=expected_calibration_error(probabilities.max(axis=1), correct),
        refused=float(refused(predictions).mean()),
        confusion=confusion.tolist(),
    )


def refused(predictions: Predictions) -> NDArray[np.bool_]:
    """Return (n,) bool: which answers are not accepted, by the rule of the service."""
    reason = predictions.model.contract.rejection.reason
    rows = zip(predictions.probabilities.tolist(), predictions.digit_score.tolist(), strict=True)
    return np.array([reason(probabilities, score) is not None for probabilities, score in rows], bool)


def predict(model: DigitModel, digits: NDArray[np.uint8], name: str) -> Predictions:
    """Classify (n, 28, 28) uint8 digits in batches, with a progress bar of that name."""
    if not len(digits):
        return Predictions(np.zeros((0, 10), np.float32), np.zeros(0, np.float32), model)
    starts = range(0, len(digits), BATCH)
    return Predictions.concatenate(
        [model.predict(digits[start : start + BATCH]) for start in progress.track(starts, name)]
    )


def expected_calibration_error(confidence: NDArray[np.float32], correct: NDArray[np.bool_]) -> float:
    """Return the mean distance between confidence and accuracy over bins of confidence, weighted by their size."""
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - correct[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(sum(gaps))


def disagreement(model: DigitModel, artifact: Path, digits: NDArray[np.uint8]) -> float:
    """Return the largest difference of any probability between the engine and the artifact's Keras model."""
    # imported here, so that evaluation alone does not wait for TensorFlow
    from model_training.export import artifact_files

    served = predict(model, digits, "engine against Keras").probabilities
    return float(np.abs(served - artifact_files.keras_probabilities(artifact / "network.keras", digits)).max())
