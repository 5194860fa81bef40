"""Decode what the reader gives (Graves 2006): the likeliest strings of digits, and the columns of each digit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLANK = 10
"""The output that says that no digit ends here."""
CLASSES = 11
STRIDE = 1
"""Columns of a strip for each column of logits."""
LEAST = -1e30
"""Logarithm of a probability of 0."""
CANDIDATES = 3
"""Outputs of a column that the beam goes on with."""
SURE = math.log(0.995)
"""A column whose blank is likelier than this ends nothing: the beam only adds it up."""

Logs = NDArray[np.float64]
"""(columns, CLASSES) logarithms of probabilities."""


class Reading(NamedTuple):
    """A string of digits that a line may hold."""

    digits: tuple[int, ...]
    log_probability: float
    """Of all its alignments."""


class Span(NamedTuple):
    """The columns in which a digit was read."""

    digit: int
    start: int
    stop: int
    """One after the last."""


def log_probabilities(logits: NDArray[np.float32]) -> Logs:
    """Turn (columns, CLASSES) logits into logarithms of probabilities."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=1, keepdims=True)
    logs: Logs = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    return logs


def greedy(logs: Logs) -> list[Span]:
    """Take the likeliest output of each column; return the digits with their columns."""
    best = logs.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    stops = np.append(starts[1:], len(best))
    return [Span(int(best[a]), int(a), int(b)) for a, b in zip(starts, stops, strict=True) if best[a] != BLANK]


def beam(logs: Logs, width: int = 8) -> list[Reading]:
    """Find the likeliest strings by a prefix beam search (Graves and Jaitly 2014).

    Args:
        logs: of one line.
        width: number of prefixes that are kept.

    Returns:
        At most `width` readings, likeliest first.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, LEAST)}  # ending in a blank, in a digit
    order = np.argsort(-logs[:, :BLANK], axis=1)[:, :CANDIDATES]
    for column, chosen in zip(logs.tolist(), order.tolist(), strict=True):
        blank = column[BLANK]
        if blank > SURE:
            beams = {digits: (_add(a, b) + blank, LEAST) for digits, (a, b) in beams.items()}
            continue
        grown: dict[tuple[int, ...], tuple[float, float]] = {}
        for digits, (ending_blank, ending_digit) in beams.items():
            either = _add(ending_blank, ending_digit)
            _put(grown, digits, either + blank, LEAST)
            if digits:
                _put(grown, digits, LEAST, ending_digit + column[digits[-1]])
            for digit in chosen:
                before = ending_blank if digits and digits[-1] == digit else either
                _put(grown, (*digits, digit), LEAST, before + column[digit])
        kept = sorted(grown, key=lambda digits: -_add(*grown[digits]))[:width]
        beams = {digits: grown[digits] for digits in kept}
    readings = [Reading(digits, _add(*ends)) for digits, ends in beams.items()]
    return sorted(readings, key=lambda reading: -reading.log_probability)


def log_probability(logs: NDArray[np.float64], digits: Sequence[int]) -> NDArray[np.float64]:
    """Add the probabilities of all alignments of a string of digits (Graves 2006, the forward variables).

    Args:
        logs: (..., columns, CLASSES), of one line or of several.
        digits: the string.

    Returns:
        (...).
    """
    states = [BLANK, *(state for digit in digits for state in (digit, BLANK))]
    emitted, may_skip = logs[..., states], _may_skip(states)
    scores = np.full((*logs.shape[:-2], len(states)), LEAST)
    scores[..., :2] = emitted[..., 0, :2]
    for column in range(1, logs.shape[-2]):
        scores = np.logaddexp.reduce(_arrivals(scores, may_skip)) + emitted[..., column, :]
    return np.asarray(np.logaddexp.reduce(scores[..., -2:], axis=-1))


def log_mean(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the mean of probabilities along the first axis."""
    return np.asarray(np.logaddexp.reduce(logs, axis=0) - math.log(len(logs)))


def align(logs: Logs, digits: Sequence[int]) -> list[Span] | None:
    """Find the likeliest columns of each digit of a given string (Viterbi 1967).

    Returns:
        None if the line has too few columns for so many digits.
    """
    states = [BLANK, *(state for digit in digits for state in (digit, BLANK))]
    emitted, may_skip = logs[:, states], _may_skip(states)
    scores = np.full(len(states), LEAST)
    scores[:2] = emitted[0, :2]
    back = np.zeros(emitted.shape, np.int8)
    for column in range(1, len(logs)):
        options = _arrivals(scores, may_skip)
        back[column] = options.argmax(axis=0)
        scores = options.max(axis=0) + emitted[column]
    state = len(states) - 1 - int(len(states) > 1 and scores[-2] > scores[-1])
    if scores[state] <= LEAST / 2:
        return None
    path = np.zeros(len(logs), int)
    for column in range(len(logs) - 1, -1, -1):
        path[column] = state
        state -= int(back[column, state])
    spans = []
    for at, digit in enumerate(digits):
        columns = np.flatnonzero(path == 2 * at + 1)
        spans.append(Span(int(digit), int(columns[0]), int(columns[-1]) + 1))
    return spans


def _may_skip(states: list[int]) -> NDArray[np.bool_]:
    """Tell which states may follow the last but one: digits after another digit."""
    return np.array([i > 1 and i % 2 == 1 and states[i] != states[i - 2] for i in range(len(states))])


def _arrivals(scores: NDArray[np.float64], may_skip: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (3, ..., states): the scores of each state's predecessors, itself, the one before, the last but one."""
    padded = np.concatenate((np.full((*scores.shape[:-1], 2), LEAST), scores), axis=-1)
    return np.stack((scores, padded[..., 1:-1], np.where(may_skip, padded[..., :-2], LEAST)))


def _add(a: float, b: float) -> float:
    """Add two probabilities by their logarithms."""
    high, low = (a, b) if a > b else (b, a)
    return high if low <= LEAST else high + math.log1p(math.exp(low - high))


def _put(beams: dict[tuple[int, ...], tuple[float, float]], digits: tuple[int, ...], a: float, b: float) -> None:
    known = beams.get(digits)
    beams[digits] = (a, b) if known is None else (_add(known[0], a), _add(known[1], b))
