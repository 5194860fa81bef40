"""Predictions under Flask: an adapter around each endpoint's `open` and `write`."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, request

from service.config import Config
from service.inference.canary import Canary
from service.observability.metrics import Metrics
from service.protocols.content_coding import decoded
from service.protocols.open_inference import HEADER_LENGTH
from service.protocols.opening import DROPPED, body_too_large
from service.protocols.registry import find
from service.protocols.request import Call
from service.server.trace import predict, read

CHUNK = 1 << 16
VERSIONS = ("", "/versions/<version>")
RULES = (
    "/predict",
    *(f"/v2/models/<name>{version}/infer" for version in VERSIONS),
    *(
        f"/v1/models/<name>{version}:{verb}"
        for version in (*VERSIONS, "/labels/<label>")
        for verb in ("predict", "classify")
    ),
)


def routes(canary: Canary, config: Config, metrics: Metrics) -> Blueprint:
    """`/predict`, `/v2/models/.../infer` and `/v1/models/...:predict`."""
    blueprint = Blueprint("prediction", __name__)

    def answer(**named: str) -> Response:
        endpoint = find(request.path)
        if endpoint is None:
            abort(404)
        g.route = endpoint.route
        header_length = request.headers.get(HEADER_LENGTH, "")
        content_type = request.headers.get("Content-Type", "")
        sticky = request.headers.get("X-Request-Key", "")
        body = read_body(config)
        coding = request.headers.get("Content-Encoding", "")
        call = Call(
            content_type, request.args, body, g.request_id, request.path, header_length, sticky, coding, g.trace
        )
        call = decoded(call, config)
        reading = read(endpoint.open(call, config), call.trace)
        predictions = predict(canary.choose(call), reading.digits, call.trace)
        written = endpoint.write(reading, predictions, call)
        metrics.answered(reading.timing, written.verdicts)
        if call.trace:
            call.trace.answered(predictions.model.version, written.verdicts)
        canary.compare(call, reading, predictions)
        return Response(written.body, headers=written.fields)

    for rule in RULES:
        blueprint.add_url_rule(rule, view_func=answer, methods=["POST"])
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
