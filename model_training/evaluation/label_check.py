"""Hold labels against a model: where it is sure of another digit, the label looks wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from model_training.data import canonical_digits
from model_training.data.canonical_digits import CanonicalDigits
from model_training.data.sample import Sample
from model_training.evaluation import error_analysis, metrics
from models.inference.digit_model import DigitModel

CHECKED = 5000
"""Labels that are held against a model before training, in a few seconds; `evaluate` checks all."""


@dataclass(frozen=True)
class Suspect:
    """A label that the model disagrees with, and is sure."""

    where: str
    label: int
    answer: int
    confidence: float


@dataclass(frozen=True)
class LabelCheck:
    """What a model says about labels.

    Attributes:
        version: of the model.
        checked: how many labels it was asked about.
        suspects: the most confident first.
        blank: places of pictures without ink among those looked at.
    """

    version: int
    checked: int
    suspects: list[Suspect]
    blank: list[str]


def check_some(samples: Iterable[Sample], model: DigitModel) -> LabelCheck:
    """Ask a model about CHECKED of the digits, evenly chosen."""
    digits = [sample for sample in samples if sample.digit is not None]
    chosen = np.unique(np.linspace(0, len(digits) - 1, min(CHECKED, len(digits))).round().astype(int))
    return check_labels(canonical_digits.of_samples([digits[index] for index in chosen]), model)


def check_labels(digits: CanonicalDigits, model: DigitModel) -> LabelCheck:
    """Ask a model about canonical digits."""
    labels = np.array([sample.digit for sample in digits.samples], np.uint8)
    predictions = metrics.predict(model, digits.digits, "labels")
    suspects = [
        Suspect(digits.samples[each.index].where, each.label, each.predicted, each.best[0][1])
        for each in error_analysis.suspected_mislabels(predictions, labels)
    ]
    return LabelCheck(model.version, len(labels), suspects, [sample.where for sample in digits.blank])
