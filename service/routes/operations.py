"""For those who run the service: health, and what is served."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort

from models.contract import CONTRACT_FILE
from models.store import Store
from service.predictor import Predictor
from service.routes import json_response


def routes(predictor: Predictor, store: Store) -> Blueprint:
    """`/health/*` and `/models`."""
    blueprint = Blueprint("operations", __name__)
    serving = predictor.model

    @blueprint.get("/health/live")
    def live() -> Response:
        return json_response({"status": "live"})

    @blueprint.get("/health/ready")
    def ready() -> Response:
        if predictor.draining:
            abort(503, "The service is about to stop; ask another.")
        return json_response({"status": "ready", "model": {"name": serving.contract.name, "version": serving.version}})

    @blueprint.get("/models")
    def models() -> Response:
        return json_response({"models": [summary()]})

    @blueprint.get("/models/<name>")
    def model(name: str) -> Response:
        if name != serving.contract.name:
            abort(404, f"There is no model {name}; /models lists them.")
        directory = store.resolve(serving.version)
        return json_response(summary() | {"contract": json.loads((directory / CONTRACT_FILE).read_bytes())})

    def summary() -> dict[str, Any]:
        return {
            "name": serving.contract.name,
            "serving": serving.version,
            "versions": store.versions(),
            "labels": store.labels(),
        }

    return blueprint
