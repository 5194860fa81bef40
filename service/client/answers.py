"""What the service answers, as objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Prediction:
    """The digit that one image shows.

    Attributes:
        digit: 0 to 9; None if the image is blank.
        probabilities: of the digits 0 to 9; they sum to 1.
        confidence: probability of `digit`.
        digit_score: from 0 to 1; low for non-digits.
        accepted: whether to trust `digit`.
        reason: why it is not accepted: `blank`, `not_a_digit`, `ambiguous` or `several_digits`, which are for
            `Client.read`; None if it is accepted.
        version: of the model.
        request_id: identifies the request in the service's log.
    """

    digit: int | None
    probabilities: tuple[float, ...]
    confidence: float
    digit_score: float
    accepted: bool
    reason: str | None
    version: int
    request_id: str

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Prediction:
        """Take it out of the service's JSON."""
        return cls(
            digit=document["digit"],
            probabilities=tuple(document["probabilities"]),
            confidence=document["confidence"],
            digit_score=document["digit_score"],
            accepted=document["accepted"],
            reason=document["reason"],
            version=document["model"]["version"],
            request_id=document["request_id"],
        )


@dataclass(frozen=True)
class ReadDigit:
    """A digit of a number.

    Attributes:
        digit: 0 to 9.
        box: x, y, width and height of its ink, in pixels of the picture after its EXIF rotation.
        probabilities: of the digits 0 to 9; they sum to 1.
        confidence: probability of `digit`.
        digit_score: from 0 to 1; low for non-digits.
        accepted: whether to trust `digit`.
        reason: why it is not accepted: `ambiguous` or `not_a_digit`; None if it is accepted.
    """

    digit: int
    box: tuple[int, int, int, int]
    probabilities: tuple[float, ...]
    confidence: float
    digit_score: float
    accepted: bool
    reason: str | None

    @classmethod
    def parse(cls, document: dict[str, Any]) -> ReadDigit:
        """Take it out of the service's JSON."""
        return cls(
            digit=document["digit"],
            box=tuple(document["box"]),
            probabilities=tuple(document["probabilities"]),
            confidence=document["confidence"],
            digit_score=document["digit_score"],
            accepted=document["accepted"],
            reason=document["reason"],
        )


@dataclass(frozen=True)
class ReadLine:
    """A line of digits.

    Attributes:
        number: its digits as text.
        box: around all of them.
        digits: left to right.
    """

    number: str
    box: tuple[int, int, int, int]
    digits: tuple[ReadDigit, ...]


@dataclass(frozen=True)
class Reading:
    """The numbers that one picture shows.

    Attributes:
        number: the lines as text, which newlines separate; empty if there are none.
        lines: in reading order.
        grid: of a picture read as a grid, the digit of each box, None for an empty one.
        accepted: whether to trust the whole.
        reason: why it is not accepted: `blank`, `not_a_number` or `ambiguous`; None if it is accepted.
        version: of the model.
        request_id: identifies the request in the service's log.
    """

    number: str
    lines: tuple[ReadLine, ...]
    grid: tuple[tuple[int | None, ...], ...] | None
    accepted: bool
    reason: str | None
    version: int
    request_id: str

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Reading:
        """Take it out of the service's JSON."""
        digits = tuple(map(ReadDigit.parse, document["digits"]))
        lines = tuple(
            ReadLine(line["number"], tuple(line["box"]), digits[slice(*line["digits"])]) for line in document["lines"]
        )
        grid = tuple(map(tuple, document["grid"])) if "grid" in document else None
        return cls(
            number=document["number"],
            lines=lines,
            grid=grid,
            accepted=document["accepted"],
            reason=document["reason"],
            version=document["model"]["version"],
            request_id=document["request_id"],
        )
