"""What serving must know of a network beside its weights."""

from __future__ import annotations

from dataclasses import dataclass

from models.inference.rejection import Rejection
from models.inference.standardization import Standardization
from models.preprocessing.canonicalize import CANONICAL_VERSION

TEMPERATURES = (0.001, 1000)
"""Lowest and highest; one of a calibrated network is near 1, and float32 holds every quotient of these."""

FARTHEST = 12.0
"""Pixels of a lag, at most: strips are at least 14 wide."""


@dataclass(frozen=True)
class Contract:
    """The promises of an artifact, as `model.json` holds them.

    Attributes:
        name: of the model, `digits`.
        classes: the label of each output, in order.
        standardization: mean and std of the training split, in grey levels.
        temperature: divides the logits so that probabilities are calibrated (Guo et al. 2017).
        rejection: the score for being a digit, and its thresholds.
        canonical_version: of the canonicalization that the network was trained on.
        lag: of a reader of lines: pixels from where it tells a digit to that digit's middle.

    Raises:
        ValueError: the classes are not 0 to 9, the temperature is not in TEMPERATURES, or the lag is over FARTHEST.
    """

    name: str
    classes: tuple[int, ...]
    standardization: Standardization
    temperature: float
    rejection: Rejection
    canonical_version: int = CANONICAL_VERSION
    lag: float = 0.0

    def __post_init__(self) -> None:
        if not -FARTHEST <= self.lag <= FARTHEST:
            raise ValueError(f"lag must be from {-FARTHEST} to {FARTHEST}, not {self.lag}")
        if self.classes != tuple(range(10)):
            raise ValueError(f"classes must be 0 to 9, not {list(self.classes)}")
        low, high = TEMPERATURES
        if not low <= self.temperature <= high:
            raise ValueError(f"temperature must be from {low} to {high}, not {self.temperature}")
