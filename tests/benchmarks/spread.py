"""Median and range of repeated measurements."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Median, least and most, in the unit of the measurements."""

    median: float
    low: float  # the least
    high: float  # the most

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarize at least one value."""
        return cls(statistics.median(values), min(values), max(values))


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Divide measurements of the same round, so that a drift of the machine cancels."""
    return Spread.of([a / b for a, b in zip(numerators, denominators, strict=True)])
