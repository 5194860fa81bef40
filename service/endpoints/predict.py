"""`POST /predict`: images, forms, pixels or strokes in; digits and probabilities out."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import cv2

from models.artifact import Predictions
from models.canonical import Digit
from models.errors import BlankDrawing, RequestError
from service.config import Config
from service.endpoints import Call
from service.endpoints.explain import explanation
from service.errors import problem
from service.opening import Reading, open_call


def read(call: Call, config: Config) -> Reading:
    """Find the digits in a request.

    Raises:
        RequestError: the request as a whole cannot be answered, or its one image cannot.
    """
    return open_call(call, config).read()


def write(reading: Reading, predictions: Predictions, request_id: str) -> dict[str, Any]:
    """Put the model's words into the answer.

    Args:
        reading: from `read`.
        predictions: of `reading.digits`.
        request_id: of the call.
    """
    model = predictions.model
    about = {"model": {"name": model.contract.name, "version": model.version}, "request_id": request_id}
    answered = iter(_answers(predictions))
    answers: list[dict[str, Any]] = []
    for item in reading.items:
        if isinstance(item, RequestError):
            answers.append(problem(item, request_id))
            continue
        answer = _blank() if isinstance(item, BlankDrawing) else next(answered)
        if reading.show_canonical:
            answer["canonical"] = None if isinstance(item, BlankDrawing) else _data_url(item)
        if reading.explain:
            answer["explanation"] = None if isinstance(item, BlankDrawing) else explanation(model, item)
        answers.append(answer | about)
    return {"predictions": answers} if reading.batch else answers[0]


def _answers(predictions: Predictions) -> Iterator[dict[str, Any]]:
    """What the model says of each digit."""
    contract = predictions.model.contract
    rejection = contract.rejection
    rows = zip(predictions.probabilities.tolist(), predictions.digit_score.tolist(), strict=True)
    for probabilities, score in rows:
        second, best = sorted(probabilities)[-2:]
        reason = None
        if score < rejection.min_digit_score:
            reason = "not_a_digit"
        elif best - second < rejection.min_margin:
            reason = "ambiguous"
        yield {
            "digit": contract.classes[probabilities.index(best)],
            "probabilities": probabilities,
            "confidence": best,
            "digit_score": score,
            "accepted": reason is None,
            "reason": reason,
        }


def _blank() -> dict[str, Any]:
    return {
        "digit": None,
        "probabilities": [0.1] * 10,
        "confidence": 0.1,
        "digit_score": 0.0,
        "accepted": False,
        "reason": "blank",
    }


def _data_url(digit: Digit) -> str:
    _, png = cv2.imencode(".png", digit)
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()
