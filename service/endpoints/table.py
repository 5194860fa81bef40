"""Which endpoint a path is for."""

from __future__ import annotations

from functools import lru_cache

import orjson

from models.artifact import Predictions
from models.errors import NoSuchModel
from service.endpoints import Call, Endpoint, Written, infer, predict, tensorflow
from service.errors import JSON, failure, refusal
from service.opening import Reading, open_call


def _write(reading: Reading, predictions: Predictions, call: Call) -> Written:
    if call.query.get("version", str(predictions.model.version)) != str(predictions.model.version):
        raise NoSuchModel(
            "no_such_version",
            f"Version {call.query['version']} is not served; /models says which are.",
        )
    document = predict.write(reading, predictions, call.request_id)
    verdicts = document["predictions"] if reading.batch else [document]
    return Written(JSON, orjson.dumps(document), verdicts)


PREDICT = Endpoint("/predict", open_call, _write, refusal, failure)

ROUTES = tuple(endpoint.route for endpoint in (PREDICT, infer.INFER, tensorflow.PREDICT, tensorflow.CLASSIFY))


@lru_cache(maxsize=64)
def find(path: str) -> Endpoint | None:
    """The endpoint that `POST` to a path asks, if it is one for predictions."""
    if path == "/predict":
        return PREDICT
    if infer.PATH.fullmatch(path):
        return infer.INFER
    if matched := tensorflow.PATH.fullmatch(path):
        return tensorflow.CLASSIFY if matched[4] == "classify" else tensorflow.PREDICT
    return None
