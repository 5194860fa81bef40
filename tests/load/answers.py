"""The service's answers under load: complete, and each to its own request.

Batches are formed of requests that happen to meet, so an answer could reach the wrong one: a drawing that is read as
another digit than before, by the same version of the model, is a failure.
"""

from __future__ import annotations

from typing import Any

from tests.load.drawing import Drawing


class WrongAnswer(Exception):
    """Status 200 with something else than a prediction in it."""


class Answers:
    """What was answered for each drawing so far."""

    def __init__(self) -> None:
        self._first: dict[tuple[int, int], int | None] = {}  # (drawing, model version) -> digit

    def check(self, drawing: Drawing, answer: Any) -> None:
        """Hold an answer against the first that the same drawing got.

        Raises:
            WrongAnswer: it is no prediction, or another than before.
        """
        try:
            digit, key = answer["digit"], (drawing.number, answer["model"]["version"])
        except (TypeError, KeyError) as error:
            raise WrongAnswer(f"no prediction: {str(answer)[:80]}") from error
        first = self._first.setdefault(key, digit)
        if digit != first:
            raise WrongAnswer(f"drawing {drawing.number}, a {drawing.digit}, is a {first} and then a {digit}")

    def check_batch(self, drawings: list[Drawing], answer: Any) -> None:
        """Hold a batch's answers against the drawings, in order.

        Raises:
            WrongAnswer: as `check`, or there are not as many.
        """
        predictions = answer.get("predictions") if isinstance(answer, dict) else None
        if not isinstance(predictions, list) or len(predictions) != len(drawings):
            raise WrongAnswer(f"not {len(drawings)} predictions: {str(answer)[:80]}")
        for drawing, prediction in zip(drawings, predictions, strict=True):
            self.check(drawing, prediction)
