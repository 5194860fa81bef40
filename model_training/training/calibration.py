"""Fit the temperature and the rejection thresholds on held-out digits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.inference.rejection import DIGITS, SCORES, Rejection, raw_score

REFUSED_PER_TEST = 0.005
"""Share of real digits that each of the two tests, score and margin, refuses; together 1 %."""


@dataclass(frozen=True)
class Calibration:
    """What turns logits into probabilities and decisions."""

    temperature: float
    rejection: Rejection


def calibrate(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> Calibration:
    """Fit temperature and thresholds.

    Args:
        logits: (n, 10) float32 of digits held out of training; (n, 11) of a network that was trained on non-digits.
        labels: (n,) uint8, 0..9.
    """
    temperature = fit_temperature(logits[:, :DIGITS], labels)
    return Calibration(temperature, fit_rejection(logits, temperature))


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """Find the temperature with the lowest negative log-likelihood (Guo et al. 2017, "On Calibration").

    The likelihood is convex in the inverse temperature, so Newton's method finds its only minimum.
    """
    scores = logits.astype(np.float64)
    chosen = scores[np.arange(len(labels)), labels]
    inverse = 1.0
    for _ in range(50):
        probabilities = softmax(scores * inverse)
        mean = (probabilities * scores).sum(axis=1)
        variance = (probabilities * scores**2).sum(axis=1) - mean**2
        step = (mean - chosen).mean() / max(variance.mean(), 1e-12)
        inverse = min(max(inverse - step, inverse / 2), inverse * 2)
        if abs(step) < 1e-9:
            break
    return 1.0 / inverse


def fit_rejection(logits: NDArray[np.float32], temperature: float) -> Rejection:
    """Set the thresholds so that about one digit in a hundred is refused.

    `digit_score` is 0.5 at the REFUSED_PER_TEST quantile of the score, and 0.99 at its median.
    """
    kind = SCORES[logits.shape[1] > DIGITS]
    score = raw_score(kind, logits.astype(np.float64))
    best = np.sort(softmax(logits[:, :DIGITS] / temperature), axis=1)
    center = float(np.quantile(score, REFUSED_PER_TEST))
    return Rejection(
        score=kind,
        center=center,
        scale=max((float(np.median(score)) - center) / math.log(0.99 / 0.01), 1e-6),
        min_digit_score=0.5,
        min_margin=float(np.quantile(best[:, -1] - best[:, -2], REFUSED_PER_TEST)),
    )


def softmax(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """Turn (n, 10) logits into (n, 10) probabilities."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
