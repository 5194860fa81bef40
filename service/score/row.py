"""One row of the results: what was read in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from models.errors import RequestError
from models.inference.digit_model import Prediction
from models.layout.page import Box
from models.numbers.number import Number

EMPTY = "."
"""An empty box of a grid."""


class Row(NamedTuple):
    """What was read in one picture; all but its place and `error` are None if it could not be read.

    Attributes:
        path, page: of the picture, as `Picture` has them.
        answer: the digit; or the lines of a number, or the rows of a grid, joined by newlines.
        probabilities: ten of a digit; of a number or a grid, ten of each of its digits.
        confidence: the largest of them; of several digits, that of the least sure one.
        digit_score: how surely this is a digit, 0 to 1; of several digits, that of the worst.
        accepted: whether to trust the answer.
        reason: why not.
        boxes: of the digits, x, y, width and height in pixels of the picture; of a single digit none.
        error: code and detail of why the picture could not be read.
    """

    path: str
    page: int | None
    answer: str | None = None
    probabilities: Sequence[Any] | None = None
    confidence: float | None = None
    digit_score: float | None = None
    accepted: bool | None = None
    reason: str | None = None
    boxes: Sequence[Box] | None = None
    error: str | None = None


def of_digit(path: str, page: int | None, prediction: Prediction) -> Row:
    """Make the row of a digit."""
    answer = None if prediction.digit is None else str(prediction.digit)
    return Row(
        path, page, answer, prediction.probabilities, prediction.confidence, prediction.digit_score,
        prediction.accepted, prediction.reason,
    )  # fmt: skip


def of_number(path: str, page: int | None, number: Number) -> Row:
    """Make the row of a number or a grid."""
    digits = [digit for line in number.lines for digit in line.digits]
    predictions = [digit.prediction for digit in digits]
    answer = number.number
    if number.grid is not None:
        answer = "\n".join("".join(EMPTY if cell is None else str(cell) for cell in row) for row in number.grid)
    return Row(
        path,
        page,
        answer,
        [prediction.probabilities for prediction in predictions],
        min((prediction.confidence for prediction in predictions), default=None),
        min((prediction.digit_score for prediction in predictions), default=None),
        number.accepted,
        number.reason,
        [digit.box for digit in digits],
    )


def of_error(path: str, page: int | None, error: RequestError) -> Row:
    """Make the row of a picture that could not be read."""
    return Row(path, page, error=f"{error.code}: {error.detail}")
