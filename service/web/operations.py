"""For those who run the service: health, and what is served."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, request

from models.errors import ArtifactError
from models.registry.contract import CONTRACT_FILE
from models.registry.store import LABELS, Store
from service.inference.predictor import Predictor
from service.inference.reloader import Follower
from service.observability.metrics import Metrics
from service.observability.prometheus import expose
from service.protocols.explanation import weights
from service.web import json_response


def routes(predictor: Predictor, store: Store, follower: Follower, metrics: Metrics) -> Blueprint:
    """`/health/*`, `/metrics` and `/models`."""
    blueprint = Blueprint("operations", __name__)

    @blueprint.get("/health/live")
    def live() -> Response:
        return json_response({"status": "live"})

    @blueprint.get("/health/ready")
    def ready() -> Response:
        if predictor.draining:
            abort(503, "The service is about to stop; ask another.")
        model = predictor.model
        answer = {"status": "ready", "model": {"name": model.contract.name, "version": model.version}}
        return json_response(answer | {"refused": refused()})

    @blueprint.get("/metrics")
    def show_metrics() -> Response:
        body, content_type = expose(metrics.counters, request.headers.get("Accept", ""))
        return Response(body, content_type=content_type)

    @blueprint.get("/models")
    def models() -> Response:
        return json_response({"models": [summary()]})

    @blueprint.get("/models/<name>")
    def model(name: str) -> Response:
        serving = predictor.model
        if name != serving.contract.name:
            abort(404, f"There is no model {name}; /models lists them.")
        try:
            contract = json.loads((store.root / str(serving.version) / CONTRACT_FILE).read_bytes())
        except (OSError, ValueError):
            abort(404, f"Version {serving.version} is served from memory; its {CONTRACT_FILE} is gone or broken.")
        return json_response(summary() | {"contract": contract})

    @blueprint.get("/models/<name>/weights/<int:layer>")
    def layer_weights(name: str, layer: int) -> Response:
        serving = predictor.model
        if name != serving.contract.name:
            abort(404, f"There is no model {name}; /models lists them.")
        filters = weights(serving, layer)
        if filters is None:
            abort(404, f"Layer {layer} of version {serving.version} is no convolution; explain=1 lists its layers.")
        return json_response(filters)

    def summary() -> dict[str, Any]:
        return {
            "name": predictor.model.contract.name,
            "serving": predictor.model.version,
            "versions": store.versions(),
            "labels": labels(),
            "refused": refused(),
        }

    def labels() -> dict[str, int | None]:
        try:
            return store.labels()
        except ArtifactError:  # `refused` says it
            return dict.fromkeys(LABELS)

    def refused() -> dict[str, Any] | None:
        return follower.refused._asdict() if follower.refused else None

    return blueprint
