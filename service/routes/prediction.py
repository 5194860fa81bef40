"""`POST /predict` under Flask: an adapter around the endpoint's `read` and `write`."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from service.config import Config
from service.endpoints import Call, predict
from service.metrics import Metrics
from service.opening import DROPPED, body_too_large
from service.predictor import Predictor
from service.routes import json_response

CHUNK = 1 << 16


def routes(predictor: Predictor, config: Config, metrics: Metrics) -> Blueprint:
    """`/predict`."""
    blueprint = Blueprint("prediction", __name__)

    @blueprint.post("/predict")
    def answer() -> Response:
        call = Call(request.headers.get("Content-Type", ""), request.args, read_body(config), g.request_id)
        reading = predict.read(call, config)
        predictions = predictor.predict(reading.digits)
        document = predict.write(reading, predictions, g.request_id)
        metrics.answered(reading.timing, document)
        return json_response(document)

    return blueprint


def read_body(config: Config) -> bytes:
    """The request's body.

    Raises:
        RequestTooLarge: over the limit; none of it was kept.
    """
    if (request.content_length or 0) <= config.max_bytes:
        body = request.stream.read(config.max_bytes + 1)
        if len(body) <= config.max_bytes:
            return body
    for _ in range(DROPPED // CHUNK):
        if not request.stream.read(CHUNK):
            break
    raise body_too_large(config)
