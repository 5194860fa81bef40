"""The versions of the models: what is served, what is in the stores, and a look at the weights of digits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Blueprint, Response, abort

from models.errors import ArtifactError
from models.registry.contract import CONTRACT_FILE
from models.registry.store import LABELS, Store
from service.inference.predictor import Predictor
from service.inference.served_model import ServedModel
from service.protocols.explanation import weights
from service.web.adapter import json_response


def routes(models: Mapping[str, ServedModel[Any]], digits: ServedModel[Predictor]) -> Blueprint:
    """Route `/models`."""
    blueprint = Blueprint("versions", __name__)

    @blueprint.get("/models")
    def index() -> Response:
        return json_response({"models": [_summary(model) for model in models.values()]})

    @blueprint.get("/models/<name>")
    def model(name: str) -> Response:
        if name not in models:
            _abort_unknown(name)
        model = models[name]
        try:
            contract = json.loads((model.store.root / str(model.version) / CONTRACT_FILE).read_bytes())
        except (OSError, ValueError):
            abort(404, f"Version {model.version} is served from memory; its {CONTRACT_FILE} is gone or broken.")
        return json_response(_summary(model) | {"contract": contract})

    @blueprint.get("/models/<name>/weights/<int:layer>")
    def layer_weights(name: str, layer: int) -> Response:
        if name != digits.name:
            _abort_unknown(name)
        model = digits.versions.served.model
        filters = weights(model, layer)
        if filters is None:
            abort(404, f"Layer {layer} of version {model.version} is no convolution; explain=1 lists its layers.")
        return json_response(filters)

    return blueprint


def _abort_unknown(name: str) -> NoReturn:
    abort(404, f"There is no model {name} of which this is known; /models lists them.")


def _summary(model: ServedModel[Any]) -> dict[str, Any]:
    refused = model.reloader.refused
    return {
        "name": model.name,
        "serving": model.version,
        "versions": model.store.versions(),
        "labels": _labels(model.store),
        "refused": refused._asdict() if refused else None,
    }


def _labels(store: Store) -> dict[str, int | None]:
    try:
        return store.labels()
    except ArtifactError:  # `refused` says why
        return dict.fromkeys(LABELS)
