"""`POST /predict`: images, forms, pixels or strokes in; digits and probabilities out."""

from __future__ import annotations

from typing import Any

from models.errors import RequestError
from models.inference.digit_model import Predictions
from service.config import Config
from service.errors import problem
from service.protocols.explanation import data_url, explanation
from service.protocols.opening import Reading, open_call
from service.protocols.request import Call
from service.protocols.verdicts import judge


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
    answers: list[dict[str, Any]] = []
    for item, answer in zip(reading.items, judge(reading.items, predictions), strict=True):
        if isinstance(answer, RequestError):
            answers.append(problem(answer, request_id))
            continue
        if reading.show_canonical:
            answer["canonical"] = None if isinstance(item, Exception) else data_url(item)
        if reading.explained:
            explained = None if isinstance(item, Exception) else explanation(model, item, reading.explained.draw())
            answer["explanation"] = explained
        answers.append(answer | about)
    return {"predictions": answers} if reading.batch else answers[0]
