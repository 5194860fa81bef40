"""Check that responses under load are complete and belong to their requests.

Requests share connections, threads and arrays, so a response could reach the wrong one: a drawing that one version of
the model reads as two different digits is a failure.
"""

from __future__ import annotations

from typing import Any

from tests.load.drawing import Drawing


class WrongAnswer(Exception):
    """A response of status 200 without the right prediction."""


class Answers:
    """The predictions for each drawing so far."""

    def __init__(self) -> None:
        self._first: dict[tuple[int, int], int | None] = {}  # (drawing, model version) -> digit

    def check(self, drawing: Drawing, answer: Any) -> None:
        """Compare a response with the first one for the same drawing.

        Raises:
            WrongAnswer: there is no prediction, or another digit than before.
        """
        try:
            digit, key = answer["digit"], (drawing.number, answer["model"]["version"])
        except (TypeError, KeyError) as error:
            raise WrongAnswer(f"the response has no prediction: {str(answer)[:80]}") from error
        first = self._first.setdefault(key, digit)
        if digit != first:
            raise WrongAnswer(f"drawing {drawing.number}, a {drawing.digit}, is read as {first} and then as {digit}")

    def check_batch(self, drawings: list[Drawing], answer: Any) -> None:
        """Compare the predictions of a batch with its drawings, in order.

        Raises:
            WrongAnswer: as for `check`, or their number differs.
        """
        predictions = answer.get("predictions") if isinstance(answer, dict) else None
        if not isinstance(predictions, list) or len(predictions) != len(drawings):
            raise WrongAnswer(f"the response has not {len(drawings)} predictions: {str(answer)[:80]}")
        for drawing, prediction in zip(drawings, predictions, strict=True):
            self.check(drawing, prediction)
