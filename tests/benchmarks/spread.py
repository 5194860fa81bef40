"""Several measurements of one thing."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """In the unit of what was measured."""

    median: float
    low: float  # the least
    high: float  # the most

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Of measurements made in pairs: each round's ratio, so that a drift of the machine cancels."""
    return Spread.of([a / b for a, b in zip(numerators, denominators, strict=True)])
