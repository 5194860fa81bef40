"""Fit on held-out lines how sure a reading must be."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.number_set import NO_DIGIT, Batch
from models.inference.standardization import Standardization
from models.numbers import ctc, lattice

WRONG = 0.01
"""Share of the accepted numbers that may be wrong."""


def min_margin(network: keras.Sequential, batches: list[Batch], standardization: Standardization) -> float:
    """Find the least margin of the two best readings at which WRONG of the lines above it are misread."""
    margins, right = [], []
    for strips, labels in batches:
        logits = network.predict_on_batch(standardization(strips))
        for line, label in zip(logits, labels, strict=True):
            readings = ctc.beam(ctc.log_probabilities(line))
            margins.append(lattice.margin([reading.log_probability for reading in readings]))
            right.append(readings[0].digits == tuple(label[label != NO_DIGIT]))
    return least_margin(np.array(margins), np.array(right))


def least_margin(margins: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the least margin above which at most WRONG of the answers are wrong; 1 if there is none."""
    order = np.argsort(-margins, kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    within = np.flatnonzero(wrong <= WRONG)
    return float(margins[order[within[-1]]]) if within.size else 1.0
