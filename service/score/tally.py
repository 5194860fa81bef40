"""What a shard comes to: counts, and the pictures that are most in doubt. Those of shards add up."""

from __future__ import annotations

import base64
import heapq
import json
from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from service.score.row import Row

DOUBTFUL = 60
"""Pictures that are shown."""
ACROSS, DOWN = 280, 64
"""Pixels of a picture that is shown, at most."""
REASONS = ("ambiguous", "several_digits", "not_a_digit", "not_a_number")
"""Reasons of doubt, those first of which people can decide most."""


class Doubt(NamedTuple):
    """A picture whose answer is not accepted, in the order in which people may look at them.

    Attributes:
        rank: place of its reason in REASONS.
        confidence: of its answer.
        path, page, answer: as in its row.
        picture: what the network saw, dark on light, as base64 of a PNG.
    """

    rank: int
    confidence: float
    path: str
    page: int | None
    answer: str | None
    picture: str


@dataclass
class Tally:
    """Counts of rows.

    Attributes:
        rows: all.
        accepted: those whose answer is accepted.
        read: those in which there is ink.
        confidence: sum over those in which digits were found.
        answered: how many those are.
        reasons: why others were not accepted.
        errors: codes of those that could not be read.
        digits: how often each digit was answered.
        doubtful: those to look at first.
    """

    rows: int = 0
    accepted: int = 0
    read: int = 0
    confidence: float = 0.0
    answered: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    digits: Counter[str] = field(default_factory=Counter)
    doubtful: list[Doubt] = field(default_factory=list)

    def count(self, row: Row, seen: NDArray[np.uint8] | None) -> None:
        """Count a row, and keep what the network saw of its picture if it is among those to look at first."""
        self.rows += 1
        if row.error is not None:
            self.errors[row.error.partition(":")[0]] += 1
            return
        self.accepted += bool(row.accepted)
        self.read += row.reason != "blank"
        if row.reason is not None:
            self.reasons[row.reason] += 1
        self.digits.update(filter(str.isdecimal, row.answer or ""))
        if row.confidence is not None and row.answer is not None:
            self.confidence += row.confidence
            self.answered += 1
        if row.reason in REASONS and seen is not None:
            self._show(row, REASONS.index(row.reason), seen)

    def _show(self, row: Row, rank: int, seen: NDArray[np.uint8]) -> None:
        confidence = row.confidence or 0.0
        if len(self.doubtful) < DOUBTFUL or (rank, confidence) < self.doubtful[-1][:2]:
            doubt = Doubt(rank, confidence, row.path, row.page, row.answer, _picture(seen))
            insort(self.doubtful, doubt, key=_place)
            del self.doubtful[DOUBTFUL:]

    def add(self, other: Tally) -> None:
        """Add the counts of other rows."""
        for name in ("rows", "accepted", "read", "confidence", "answered", "reasons", "errors", "digits"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.doubtful = heapq.nsmallest(DOUBTFUL, self.doubtful + other.doubtful, key=_place)

    def dump(self) -> bytes:
        """Write as JSON."""
        return json.dumps(vars(self)).encode()

    @classmethod
    def load(cls, content: bytes) -> Tally:
        """Read what `dump` wrote."""
        document: dict[str, Any] = json.loads(content)
        for name in ("reasons", "errors", "digits"):
            document[name] = Counter(document[name])
        document["doubtful"] = [Doubt(*doubt) for doubt in document["doubtful"]]
        return cls(**document)


def _place(doubt: Doubt) -> tuple[int, float, str, int]:
    return doubt.rank, doubt.confidence, doubt.path, doubt.page or 0


def _picture(seen: NDArray[np.uint8]) -> str:
    scale = min(ACROSS / seen.shape[1], DOWN / seen.shape[0], 1.0)
    if scale < 1:
        size = max(round(seen.shape[1] * scale), 1), max(round(seen.shape[0] * scale), 1)
        seen = cv2.resize(seen, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return base64.b64encode(cv2.imencode(".png", 255 - seen)[1].tobytes()).decode()
