"""Canonicalize handwriting as the service does, without randomness; strokes are drawn like those of a JSON request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_training import progress
from model_training.data.sample import Sample
from models.errors import BlankDrawing
from models.preprocessing import rasterize
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink


@dataclass(frozen=True)
class CanonicalDigits:
    """Samples with their canonical digits, one for one."""

    samples: list[Sample]
    digits: NDArray[np.uint8]
    """(n, 28, 28) uint8."""
    blank: list[Sample]
    """Samples without ink, which have no digit."""


def of_samples(samples: Iterable[Sample]) -> CanonicalDigits:
    """Canonicalize each sample once."""
    inked, digits, blank = [], [], []
    for sample in progress.track(list(samples), "canonicalizing"):
        try:
            drawing = find_ink(sample.grey) if sample.grey is not None else rasterize.draw(sample.strokes)
            digits.append(canonicalize(drawing))
        except BlankDrawing:
            blank.append(sample)
        else:
            inked.append(sample)
    return CanonicalDigits(inked, np.stack(digits) if digits else np.zeros((0, 28, 28), np.uint8), blank)
