"""Predictions under Flask, for its test client, `flask run` and other WSGI servers."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, request

from service.config import Config
from service.pipeline.pipeline import Pipeline
from service.pipeline.prepared import Prepared
from service.protocols.registry import find
from service.web.adapter import to_flask, to_request

VERSIONS = ("", "/versions/<version>")
RULES = (
    "/predict",
    "/read",
    *(f"/v2/models/<name>{version}/infer" for version in VERSIONS),
    *(
        f"/v1/models/<name>{version}:{verb}"
        for version in (*VERSIONS, "/labels/<label>")
        for verb in ("predict", "classify")
    ),
)


def routes(pipeline: Pipeline, config: Config) -> Blueprint:
    """Route `/predict`, `/v2/models/.../infer` and `/v1/models/...:predict` to the pipeline."""
    blueprint = Blueprint("prediction", __name__)

    def predict(**_: str) -> Response:
        endpoint = find(request.path)
        if endpoint is None:
            abort(404)
        g.route = endpoint.route
        prepared = pipeline.prepare(to_request(config.max_bytes), endpoint)
        return to_flask(pipeline.complete(prepared) if isinstance(prepared, Prepared) else prepared)

    for rule in RULES:
        blueprint.add_url_rule(rule, view_func=predict, methods=["POST"])
    return blueprint
