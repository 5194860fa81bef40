"""Weigh what the line's network reads in each island by the network for single digits.

Each digit is cut out and judged alone. A string scores its log probability in the line, its digits' log probabilities
alone, and a bonus for each digit, which makes up for their sum being below 0. The weights maximize the probability of
the right string on numbers by writers of the validation part, so that the scores are log probabilities themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel, Prediction
from models.numbers import ctc, islands
from models.numbers.ctc import Logs
from models.numbers.islands import Candidate, Digits, Island
from models.numbers.pieces import Box, Cutter, Piece, Place
from models.preprocessing.canonicalize import canonicalize


class Weights(NamedTuple):
    """What a string's score is made of."""

    line: float = 0.925
    alone: float = 0.4
    digit: float = 0.5


WEIGHTS = Weights()
FLOOR = 0.005
"""Least probability of a digit alone: cut out of its line, it may be cut badly."""
PAPER = 2
"""Pixels around a digit that is cut out; ink from edge to edge would be searched for ruled lines."""
PLAUSIBLE = 4.0
"""Strings of another length whose log probability is this far below the best are not judged."""
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
    """Probability of what was read in its island: that these are its digits, and that there are so many."""

    @property
    def digit(self) -> int:
        """The digit that was read."""
        return self.probabilities.index(max(self.probabilities))


class JudgedLine(NamedTuple):
    """What a line says."""

    digits: list[JudgedDigit]
    certainty: float
    """Probability that all of it is right."""


class _Judged(NamedTuple):
    """The strings of one length that an island may hold, and its digits alone, all strings' alike."""

    candidates: list[Candidate]
    alone: list[tuple[Piece, Prediction]]


def read(cutter: Cutter, logs: Logs, model: DigitModel, weights: Weights = WEIGHTS) -> JudgedLine:
    """Read a line by both networks.

    Args:
        cutter: cuts digits out of the line.
        logs: of the line's strip.
        model: reads single digits.
        weights: of both.

    Returns:
        The digits from left to right; none if the line holds none.
    """
    found = islands.find(logs)
    digits, certainty = [], 1.0
    for island, lengths in zip(found, _judge(found, cutter, model), strict=True):
        best, sure = _best(island, lengths, logs, weights)
        certainty *= sure
        digits += best
    return JudgedLine(digits, certainty)


def margin(certainty: float) -> float:
    """Return how much likelier a reading is than all others together; 0 if they are likelier."""
    return max(2 * certainty - 1, 0.0)


def certainty(margin: float) -> float:
    """Return the least certainty of readings with a margin."""
    return (1 + margin) / 2 if margin > 0 else 0.0


def predict(pieces: Sequence[Piece], model: DigitModel) -> list[Prediction]:
    """Read digits that were cut out, each alone; one without ink is `blank`."""
    canonical: list[Digit | None] = []
    for piece in pieces:
        try:
            canonical.append(canonicalize(np.pad(piece.ink, PAPER)))
        except BlankDrawing:
            canonical.append(None)
    predictions = iter(model.classify([digit for digit in canonical if digit is not None]))
    return [
        next(predictions) if digit is not None else Prediction(None, [0.1] * 10, 0.0, "blank") for digit in canonical
    ]


def _judge(found: Sequence[Island], cutter: Cutter, model: DigitModel) -> list[list[_Judged]]:
    """Cut out and judge the digits of each island, once for each plausible number of them."""
    middles = [island.candidates[0].centers for island in found]
    before, after = _neighbours(middles), _neighbours([each[::-1] for each in middles[::-1]])[::-1]
    places: list[Place] = []
    lengths: list[list[tuple[list[Candidate], slice]]] = []
    for at, island in enumerate(found):
        lengths.append([])
        for candidates in _by_length(island):
            row = (before[at], *candidates[0].centers, after[at])
            first = len(places)
            places += [
                Place(left, center, right)
                for left, center, right in zip(row[:-2], candidates[0].centers, row[2:], strict=True)
            ]
            lengths[-1].append((candidates, slice(first, len(places))))
    pieces = cutter.cut(places)
    alone = list(zip(pieces, predict(pieces, model), strict=True))
    return [[_Judged(candidates, alone[part]) for candidates, part in each] for each in lengths]


def _neighbours(centers: Sequence[Sequence[float]]) -> list[float | None]:
    """Return for each island the last center of those before it; None if there is none."""
    last: list[float | None] = [None]
    for each in centers[:-1]:
        last.append(each[-1] if each else last[-1])
    return last


def _by_length(island: Island) -> list[list[Candidate]]:
    """Gather the strings of each length that is plausible, likeliest first."""
    least = island.candidates[0].log_probability - PLAUSIBLE
    lengths: dict[int, list[Candidate]] = {}
    for candidate in island.candidates:
        known = lengths.get(len(candidate.digits))
        if known is not None:
            known.append(candidate)
        elif candidate.log_probability >= least:
            lengths[len(candidate.digits)] = [candidate]
    return list(lengths.values())


def _best(island: Island, lengths: list[_Judged], logs: Logs, weights: Weights) -> tuple[list[JudgedDigit], float]:
    """Return the digits of an island, and how probable they are."""
    scores = [_scores(island, judged, logs, weights) for judged in lengths]
    top = max(max(each.values()) for each in scores)
    shares = [{digits: math.exp(score - top) for digits, score in each.items()} for each in scores]
    total = sum(sum(each.values()) for each in shares)
    chosen = max(range(len(lengths)), key=lambda at: max(shares[at].values()))
    strings = shares[chosen]
    digits = max(strings, key=lambda each: strings[each])
    sure = strings[digits] / total
    read = []
    for at, (piece, alone) in enumerate(lengths[chosen].alone):
        probabilities = _marginal(strings, at, digits[at], alone)
        read.append(JudgedDigit(piece.box, probabilities, alone, sure))
    return read, sure


def _scores(island: Island, judged: _Judged, logs: Logs, weights: Weights) -> dict[Digits, float]:
    """Score strings of one length, and those in which the likeliest has a digit replaced by what it is alone."""
    tables = [
        [weights.digit + weights.alone * math.log(max(value, FLOOR)) for value in alone.probabilities]
        for _, alone in judged.alone
    ]
    likeliest = judged.candidates[0].digits
    lines = {candidate.digits: candidate.log_probability for candidate in judged.candidates}
    if len(likeliest) > 1:
        for at, (_, alone) in enumerate(judged.alone):
            replaced = (
                *likeliest[:at],
                alone.digit if alone.digit is not None else likeliest[at],
                *likeliest[at + 1 :],
            )
            if replaced not in lines:
                lines[replaced] = ctc.log_probability(logs[island.start : island.stop], replaced)
    return {
        digits: weights.line * line + sum(table[digit] for table, digit in zip(tables, digits, strict=True))
        for digits, line in lines.items()
    }


def _marginal(strings: dict[Digits, float], at: int, digit: int, alone: Prediction) -> list[float]:
    """Return the probability of each digit at one place of strings of one length; `digit` stays the likeliest."""
    values: NDArray[np.float64] = np.zeros(10)
    for string, share in strings.items():
        values[string[at]] += share
    values = (1 - SPREAD) * values / values.sum() + SPREAD * np.array(alone.probabilities)
    values[digit] = max(values[digit], float(np.nextafter(values.max(), 2)))
    probabilities: list[float] = (values / values.sum()).tolist()
    return probabilities
