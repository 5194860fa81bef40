"""When an answer should not be trusted: a score for being a digit, computed from the logits, and its thresholds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIGITS = 10
SCORES = ("energy", "background")
AMBIGUOUS = "ambiguous"
"""The reason not to accept an answer that might as well be another digit."""
LARGEST_EXPONENT = 80
"""Of e in float32, well within its range."""
LARGEST_CENTER = 1e6
SCALES = (1e-6, 1e6)
"""Smallest and largest; float32 holds every quotient of a score and these."""


@dataclass(frozen=True)
class Rejection:
    """The score and its thresholds, fitted on the validation split and stored with the weights.

    Attributes:
        score: which score tells digits from non-digits. `energy`: the log-sum-exp of the ten logits (Liu et al. 2020,
            "Energy-based Out-of-distribution Detection"). `background`: the same less an eleventh logit, of a network
            that was trained on non-digits too; the log-odds of a digit.
        center: score at which `digit_score` is 0.5.
        scale: score that one unit of the logistic curve spans, within SCALES.
        min_digit_score: below it the drawing is `not_a_digit`; 0 to 1.
        min_margin: below this difference of the two best probabilities the answer is `ambiguous`; 0 to 1.

    Raises:
        ValueError: the score is unknown, or a number is not finite or out of its range.
    """

    score: str
    center: float
    scale: float
    min_digit_score: float
    min_margin: float

    def __post_init__(self) -> None:
        if self.score not in SCORES:
            raise ValueError(f"rejection.score must be one of {', '.join(SCORES)}, not {self.score}")
        for name in ("center", "scale", "min_digit_score", "min_margin"):
            if not math.isfinite(getattr(self, name)):
                raise ValueError(f"rejection.{name} must be finite, not {getattr(self, name)}")
        if not abs(self.center) <= LARGEST_CENTER:
            raise ValueError(f"rejection.center must be at most {LARGEST_CENTER:g} from 0, not {self.center}")
        if not SCALES[0] <= self.scale <= SCALES[1]:
            raise ValueError(f"rejection.scale must be from {SCALES[0]} to {SCALES[1]:g}, not {self.scale}")
        for name in ("min_digit_score", "min_margin"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"rejection.{name} must be from 0 to 1, not {getattr(self, name)}")

    def digit_score(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score how surely each of n images is a digit at all.

        Args:
            logits: (n, 10 or 11), before the temperature.

        Returns:
            (n,) float32, 0 to 1.
        """
        distance = np.minimum((self.center - raw_score(self.score, logits)) / self.scale, LARGEST_EXPONENT)
        score: NDArray[np.float32] = (1.0 / (1.0 + np.exp(distance))).astype(np.float32)
        return score

    def digit_score_of_one(self, logits: Sequence[float]) -> float:
        """Score one image as `digit_score` does, in a third of the time.

        Args:
            logits: ten or eleven, before the temperature.

        Returns:
            0 to 1.
        """
        digits = logits[:DIGITS]
        top = max(digits)
        score = top + math.log(sum(math.exp(logit - top) for logit in digits))
        if self.score == "background":
            score -= logits[DIGITS]
        return 1.0 / (1.0 + math.exp(min((self.center - score) / self.scale, LARGEST_EXPONENT)))

    def reason(self, probabilities: Sequence[float], digit_score: float) -> str | None:
        """Decide whether an answer is accepted.

        Args:
            probabilities: of the ten digits.
            digit_score: how surely the image is a digit at all.

        Returns:
            `not_a_digit` or `ambiguous`, for NaN too; None if the answer is accepted.
        """
        if not digit_score >= self.min_digit_score:
            return "not_a_digit"
        second, best = sorted(probabilities)[-2:]
        return None if best - second >= self.min_margin else AMBIGUOUS


def raw_score(score: str, logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute a score that is larger for digits.

    Args:
        score: one of SCORES; `background` needs eleven logits.
        logits: (n, 10 or 11), before the temperature.

    Returns:
        (n,), without bounds.
    """
    digits = logits[:, :DIGITS]
    top = digits.max(axis=1)
    energy: NDArray[np.float32] = top + np.log(np.exp(digits - top[:, None]).sum(axis=1))
    return energy - logits[:, DIGITS] if score == "background" else energy
