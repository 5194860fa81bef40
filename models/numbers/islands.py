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
from models.numbers.views import Views

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
    """Of all its alignments, in the mean of the views."""
    centers: tuple[float, ...]
    """Of each digit, in pixels of the strip; one digit alone is where the likeliest one is."""


class Island(NamedTuple):
    """Columns between two that are surely blank."""

    start: int
    stop: int
    """One after the last column."""
    candidates: list[Candidate]
    """Likeliest first; at least one."""


def find(views: Views) -> list[Island]:
    """Find the islands of a line, left to right, with the strings that each may hold."""
    mean = ctc.log_mean(views)
    edges = np.flatnonzero(np.diff(mean[:, BLANK] <= SURE, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    if not len(starts):
        return []
    empty, single = _short_strings(views, starts, stops)
    if len(joined := _joined(starts, stops, empty > DOUBTFUL)) < len(starts):
        starts, stops = joined[:, 0], joined[:, 1]
        empty, single = _short_strings(views, starts, stops)
    left_over = 1 - np.exp(empty) - np.exp(single).sum(axis=1)
    return [
        Island(start, stop, _candidates(views[:, start:stop], mean[start:stop], start, blank, alone, more))
        for start, stop, blank, alone, more in zip(
            starts.tolist(), stops.tolist(), empty.tolist(), single, left_over.tolist(), strict=True
        )
    ]


def _joined(starts: NDArray[np.intp], stops: NDArray[np.intp], doubtful: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Join neighbours that may both be empty, since one digit may be read in either: (n, 2) starts and stops."""
    apart = ~(doubtful[1:] & doubtful[:-1] & (starts[1:] - stops[:-1] <= NEAR))
    return np.stack((starts[np.append(True, apart)], stops[np.append(apart, True)]), axis=1)


def _candidates(
    views: Views, mean: Logs, start: int, empty: float, single: NDArray[np.float64], left_over: float
) -> list[Candidate]:
    center = (_center(mean[:, int(single.argmax())], start),)
    found = [Candidate((), empty, ())]
    found += [Candidate((digit,), log_probability, center) for digit, log_probability in enumerate(single.tolist())]
    if left_over > UNEXPLAINED:
        for digits, _ in ctc.beam(mean, WIDTH):
            spans = ctc.align(mean, digits) if len(digits) > 1 else None
            if spans:
                centers = tuple((2 * start + span.start + span.stop) * STRIDE / 2 for span in spans)
                found.append(Candidate(digits, log_probability(views, digits), centers))
    return sorted(found, key=lambda candidate: -candidate.log_probability)


def log_probability(views: Views, digits: Digits) -> float:
    """Return the log probability of a string in an island's columns, by the mean of the views."""
    return float(ctc.log_mean(ctc.log_probability(views, digits)))


def _center(logs: NDArray[np.float64], start: int) -> float:
    """Return the middle of the columns in which a digit is likely, in pixels of the strip."""
    weights = np.exp(logs - logs.max())
    return float((weights @ np.arange(len(logs)) / weights.sum() + start + 0.5) * STRIDE)


def _short_strings(
    views: Views, starts: NDArray[np.intp], stops: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the log probability of no digit, (n,), and of each digit alone, (n, 10), in all islands at once."""
    longest = int((stops - starts).max())
    before = np.zeros((len(views), len(starts)))
    ending_digit = np.full((*before.shape, DIGITS), LEAST)
    after = np.full((*before.shape, DIGITS), LEAST)
    for step in range(longest):
        inside = starts + step < stops
        column = views[:, np.minimum(starts + step, views.shape[1] - 1)]
        blank, digit = column[..., BLANK], column[..., :DIGITS]
        grown = np.logaddexp(before[..., None], ending_digit) + digit
        after = np.where(inside[:, None], np.logaddexp(after, ending_digit) + blank[..., None], after)
        ending_digit = np.where(inside[:, None], grown, ending_digit)
        before = np.where(inside, before + blank, before)
    return ctc.log_mean(before), ctc.log_mean(np.logaddexp(ending_digit, after))
