"""Divide a line into islands, the stretches between columns that are surely blank: each is read on its own.

What a line says in one island is independent of the others, so that the strings of an island are few and short, and
the time to weigh them grows with the length of the line alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.inference.rejection import DIGITS
from models.numbers import ctc
from models.numbers.ctc import BLANK, LEAST, STRIDE, SURE, Logs

WIDTH = 8
"""Strings that the beam keeps in an island."""
UNEXPLAINED = 0.02
"""Probability left over by no digit and by one digit, above which longer strings are searched for."""
DOUBTFUL = -3.0
"""Log probability of no digit from which an island may be empty."""
NEAR = 10
"""Columns between two islands in which the same digit may be read, at most."""

Digits = tuple[int, ...]


class Candidate(NamedTuple):
    """A string that an island may hold."""

    digits: Digits
    log_probability: float
    """Of all its alignments."""
    centers: tuple[float, ...]
    """Of each digit, in pixels of the strip; one digit alone is where the likeliest one is."""


class Island(NamedTuple):
    """Columns between two that are surely blank."""

    start: int
    stop: int
    """One after the last column."""
    candidates: list[Candidate]
    """Likeliest first; at least one."""


def find(logs: Logs) -> list[Island]:
    """Find the islands of a line, left to right, with the strings that each may hold."""
    edges = np.flatnonzero(np.diff(logs[:, BLANK] <= SURE, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    if not len(starts):
        return []
    empty, single = _short_strings(logs, starts, stops)
    if len(joined := _joined(starts, stops, empty > DOUBTFUL)) < len(starts):
        starts, stops = joined[:, 0], joined[:, 1]
        empty, single = _short_strings(logs, starts, stops)
    left_over = 1 - np.exp(empty) - np.exp(single).sum(axis=1)
    return [
        Island(start, stop, _candidates(logs, start, stop, blank, alone, more))
        for start, stop, blank, alone, more in zip(
            starts.tolist(), stops.tolist(), empty.tolist(), single, left_over.tolist(), strict=True
        )
    ]


def _joined(starts: NDArray[np.intp], stops: NDArray[np.intp], doubtful: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Join neighbours that may both be empty, since one digit may be read in either: (n, 2) starts and stops."""
    apart = ~(doubtful[1:] & doubtful[:-1] & (starts[1:] - stops[:-1] <= NEAR))
    return np.stack((starts[np.append(True, apart)], stops[np.append(apart, True)]), axis=1)


def _candidates(
    logs: Logs, start: int, stop: int, empty: float, single: NDArray[np.float64], left_over: float
) -> list[Candidate]:
    columns = logs[start:stop]
    center = (_center(columns[:, int(single.argmax())], start),)
    found = [Candidate((), empty, ())]
    found += [Candidate((digit,), log_probability, center) for digit, log_probability in enumerate(single.tolist())]
    if left_over > UNEXPLAINED:
        for digits, log_probability in ctc.beam(columns, WIDTH):
            spans = ctc.align(columns, digits) if len(digits) > 1 else None
            if spans:
                centers = tuple((2 * start + span.start + span.stop) * STRIDE / 2 for span in spans)
                found.append(Candidate(digits, log_probability, centers))
    return sorted(found, key=lambda candidate: -candidate.log_probability)


def _center(logs: NDArray[np.float64], start: int) -> float:
    """Return the middle of the columns in which a digit is likely, in pixels of the strip."""
    weights = np.exp(logs - logs.max())
    return float((weights @ np.arange(len(logs)) / weights.sum() + start + 0.5) * STRIDE)


def _short_strings(
    logs: Logs, starts: NDArray[np.intp], stops: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the log probability of no digit, (n,), and of each digit alone, (n, 10), in all islands at once."""
    longest = int((stops - starts).max())
    before = np.zeros(len(starts))
    ending_digit = np.full((len(starts), DIGITS), LEAST)
    after = np.full((len(starts), DIGITS), LEAST)
    for step in range(longest):
        inside = starts + step < stops
        column = logs[np.minimum(starts + step, len(logs) - 1)]
        blank, digit = column[:, BLANK], column[:, :DIGITS]
        grown = np.logaddexp(before[:, None], ending_digit) + digit
        after = np.where(inside[:, None], np.logaddexp(after, ending_digit) + blank[:, None], after)
        ending_digit = np.where(inside[:, None], grown, ending_digit)
        before = np.where(inside, before + blank, before)
    return before, np.logaddexp(ending_digit, after)
