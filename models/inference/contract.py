"""What serving must know of a network beside its weights."""

from __future__ import annotations

from dataclasses import dataclass

from models.inference.rejection import Rejection
from models.inference.standardization import Standardization
from models.preprocessing.canonicalize import CANONICAL_VERSION


@dataclass(frozen=True)
class Contract:
    """The promises of an artifact, as `model.json` holds them.

    Attributes:
        name: of the model, `digits`.
        classes: the label of each output, in order.
        standardization: mean and std of the training split, in grey levels.
        temperature: divides the logits so that probabilities are calibrated (Guo et al. 2017); > 0.
        rejection: the score for being a digit, and its thresholds.
        canonical_version: of the canonicalization that the network was trained on.
    """

    name: str
    classes: tuple[int, ...]
    standardization: Standardization
    temperature: float
    rejection: Rejection
    canonical_version: int = CANONICAL_VERSION
