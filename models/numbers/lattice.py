"""Weigh what the line's network reads in each island by the network for single digits.

A string scores its log probability in the line, its digits' log probabilities alone, and a bonus for each digit, which
makes up for their sum being below 0. The weights maximize the probability of the right string on numbers by writers of
the validation part, so that the scores are log probabilities themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.inference.digit_model import DigitModel, Prediction
from models.inference.rejection import DIGITS
from models.layout.page import Box
from models.numbers import islands, judging
from models.numbers.islands import Digits, Island
from models.numbers.judging import Judged
from models.numbers.pieces import Cutter
from models.numbers.views import Views

LINE, ALONE, BONUS = 1.1, 0.35, 1.0
"""Weights of the line and of the digits alone, and the bonus for each digit."""
FLOOR = 0.005
"""Least probability of a digit alone: cut out of its line, it may be cut badly."""
SPREAD = 0.001
"""Share of a digit's probabilities that are those of the digit alone, so that none is 0."""


class JudgedDigit(NamedTuple):
    """A digit of a line."""

    box: Box
    """Of its ink, in pixels of the line's drawing."""
    probabilities: list[float]
    """Of the ten digits, by both networks; they sum to 1, and the digit that was read is the most probable one."""
    alone: Prediction
    """What the network for single digits says of it."""
    certainty: float
    """The lower one of the probabilities that its island holds what was read, and of the digit alone."""

    @property
    def digit(self) -> int:
        """The digit that was read."""
        return self.probabilities.index(max(self.probabilities))


class JudgedLine(NamedTuple):
    """What a line says."""

    digits: list[JudgedDigit]
    certainty: float
    """Probability that all of it is right, at most that of its least certain digit."""
    evidence: float
    """That it is a number at all, 0 to 1: the mean of its digits' scores, of their certainties, and of the share of the
    line's ink that they cover."""


def read(cutter: Cutter, views: Views, model: DigitModel) -> JudgedLine:
    """Read a line by both networks.

    Args:
        cutter: cuts digits out of the line.
        views: of the line's strip.
        model: reads single digits.

    Returns:
        The digits from left to right; none if the line holds none.
    """
    found = islands.find(views)
    digits: list[JudgedDigit] = []
    certainty = 1.0
    for island, judged in zip(found, judging.judge(found, cutter, model), strict=True):
        best, sure = _best(island, judged, views)
        certainty *= sure
        digits += best
    certainty = min([certainty, *(digit.certainty for digit in digits)])
    return JudgedLine(digits, certainty, _evidence(digits, cutter) if digits else 0.0)


def margin(certainty: float) -> float:
    """Return how much likelier a reading is than all others together; 0 if they are likelier."""
    return max(2 * certainty - 1, 0.0)


def certainty(margin: float) -> float:
    """Return the least certainty of readings with a margin."""
    return (1 + margin) / 2 if margin > 0 else 0.0


def _best(island: Island, lengths: Sequence[Judged], views: Views) -> tuple[list[JudgedDigit], float]:
    """Return the digits of an island, and how probable they are."""
    scores = [_scores(island, judged, views) for judged in lengths]
    top = max(max(each.values()) for each in scores)
    shares = [{digits: math.exp(score - top) for digits, score in each.items()} for each in scores]
    chosen = max(range(len(lengths)), key=lambda each: max(shares[each].values()))
    strings = shares[chosen]
    digits = max(strings, key=lambda each: strings[each])
    sure = strings[digits] / sum(sum(each.values()) for each in shares)
    read = [
        JudgedDigit(
            piece.box,
            _marginal(strings, place, digits[place], alone),
            alone,
            min(sure, alone.probabilities[digits[place]]),
        )
        for place, (piece, alone) in enumerate(lengths[chosen].digits)
    ]
    return read, sure


def _scores(island: Island, judged: Judged, views: Views) -> dict[Digits, float]:
    """Score strings of one length, and those in which the likeliest has a digit replaced by what it is alone."""
    likeliest = judged.candidates[0].digits
    lines = {candidate.digits: candidate.log_probability for candidate in judged.candidates}
    if len(likeliest) > 1:
        for place, (_, alone) in enumerate(judged.digits):
            if alone.digit is None:
                continue
            replaced = (*likeliest[:place], alone.digit, *likeliest[place + 1 :])
            if replaced not in lines:
                lines[replaced] = islands.log_probability(views[:, island.start : island.stop], replaced)
    tables = [_logarithms(alone.prediction) for alone in judged.digits]
    return {
        digits: LINE * line + sum(BONUS + ALONE * table[digit] for table, digit in zip(tables, digits, strict=True))
        for digits, line in lines.items()
    }


def _evidence(digits: Sequence[JudgedDigit], cutter: Cutter) -> float:
    score = sum(digit.alone.digit_score for digit in digits) / len(digits)
    sure = sum(digit.certainty for digit in digits) / len(digits)
    return (score + sure + cutter.covered([digit.box for digit in digits])) / 3


def _logarithms(alone: Prediction) -> list[float]:
    return [math.log(max(probability, FLOOR)) for probability in alone.probabilities]


def _marginal(strings: dict[Digits, float], at: int, digit: int, alone: Prediction) -> list[float]:
    """Return the probability of each digit at one place of strings of one length; `digit` stays the likeliest."""
    values: NDArray[np.float64] = np.zeros(DIGITS)
    for string, share in strings.items():
        values[string[at]] += share
    values = (1 - SPREAD) * values / values.sum() + SPREAD * np.array(alone.probabilities)
    values[digit] = max(values[digit], float(np.nextafter(values.max(), 2)))
    probabilities: list[float] = (values / values.sum()).tolist()
    return probabilities
