"""Which endpoint a path is for."""

from __future__ import annotations

from functools import lru_cache

import orjson

from models.errors import NoSuchModel
from models.inference.digit_model import Predictions
from service.errors import JSON, failure, refusal
from service.protocols import native, open_inference, tensorflow_serving
from service.protocols.opening import Reading, open_call
from service.protocols.request import Call, Endpoint, Written


def _write(reading: Reading, predictions: Predictions, call: Call) -> Written:
    if call.query.get("version", str(predictions.model.version)) != str(predictions.model.version):
        raise NoSuchModel(
            "no_such_version",
            f"Version {call.query['version']} is not served; /models says which are.",
        )
    document = native.write(reading, predictions, call.request_id)
    verdicts = document["predictions"] if reading.batch else [document]
    return Written(JSON, orjson.dumps(document), verdicts)


PREDICT = Endpoint("/predict", open_call, _write, refusal, failure)

ROUTES = tuple(
    endpoint.route
    for endpoint in (PREDICT, open_inference.INFER, tensorflow_serving.PREDICT, tensorflow_serving.CLASSIFY)
)


@lru_cache(maxsize=64)
def find(path: str) -> Endpoint | None:
    """The endpoint that `POST` to a path asks, if it is one for predictions."""
    if path == "/predict":
        return PREDICT
    if open_inference.PATH.fullmatch(path):
        return open_inference.INFER
    if matched := tensorflow_serving.PATH.fullmatch(path):
        return tensorflow_serving.CLASSIFY if matched[4] == "classify" else tensorflow_serving.PREDICT
    return None
