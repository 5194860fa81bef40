"""Measure what may mislead: digits with marks, and letters and numerals of other scripts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training.data import marked_digits, script_letters
from model_training.data.dataset import Split
from model_training.data.marked_digits import Source
from model_training.data.sample import Sample
from model_training.evaluation import metrics
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.mnist_geometry import SIZE
from models.preprocessing.polarity import find_ink

SEED = 2026
EACH = 400
"""Pictures of each kind of mark, and letters of each script."""


def marks(model: DigitModel, test: Split, samples: list[Sample], each: int = EACH) -> dict[str, dict[str, Any]]:
    """Measure pictures of digits with each kind of mark, redrawn as the service does.

    Args:
        model: loaded from disk.
        test: MNIST, of the part that is measured.
        samples: handwriting of the same part; may be empty.
        each: pictures of each kind.

    Returns:
        For each kind how many, and the shares that are read right, accepted, and accepted though they are read wrong.
    """
    pictures = marked_digits.of_each_kind(each, Source(test, samples), np.random.default_rng(SEED))
    return {kind: _score(model, *made, kind) for kind, made in pictures.items()}


def scripts(model: DigitModel, each: int = EACH) -> dict[str, dict[str, Any]]:
    """Measure letters of each script in typefaces that no network trains on: how many, and the share accepted."""
    letters = script_letters.of_each_script(each, "test", np.random.default_rng(SEED))
    return {
        name: {"n": len(drawn), "accepted": float((~metrics.refused(metrics.predict(model, drawn, name))).mean())}
        for name, drawn in letters.items()
    }


def _score(model: DigitModel, pictures: list[NDArray[np.uint8]], labels: list[int], name: str) -> dict[str, Any]:
    digits = np.stack([_canonical(picture) for picture in pictures])
    inked = digits.any(axis=(1, 2))
    predictions = metrics.predict(model, digits, name)
    right = inked & (predictions.probabilities.argmax(axis=1) == labels)
    accepted = inked & ~metrics.refused(predictions)
    return {
        "n": len(labels),
        "right": float(right.mean()),
        "accepted": float(accepted.mean()),
        "wrong_accepted": float((accepted & ~right).mean()),
    }


def _canonical(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Redraw a picture; a blank one stays without ink."""
    try:
        return canonicalize(find_ink(picture))
    except BlankDrawing:
        return np.zeros((SIZE, SIZE), np.uint8)
