"""The versions of the model: what is served, what is in the store, and a look at the weights."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort

from models.errors import ArtifactError
from models.inference.digit_model import DigitModel
from models.registry.contract import CONTRACT_FILE
from models.registry.store import LABELS, Store
from service.inference.reloader import Reloader
from service.inference.served_models import ServedModels
from service.protocols.explanation import weights
from service.web.adapter import json_response


def routes(models: ServedModels, store: Store, reloader: Reloader) -> Blueprint:
    """Route `/models`."""
    blueprint = Blueprint("versions", __name__)

    @blueprint.get("/models")
    def index() -> Response:
        return json_response({"models": [summary()]})

    @blueprint.get("/models/<name>")
    def model(name: str) -> Response:
        version = serving(name).version
        try:
            contract = json.loads((store.root / str(version) / CONTRACT_FILE).read_bytes())
        except (OSError, ValueError):
            abort(404, f"Version {version} is served from memory; its {CONTRACT_FILE} is gone or broken.")
        return json_response(summary() | {"contract": contract})

    @blueprint.get("/models/<name>/weights/<int:layer>")
    def layer_weights(name: str, layer: int) -> Response:
        model = serving(name)
        filters = weights(model, layer)
        if filters is None:
            abort(404, f"Layer {layer} of version {model.version} is no convolution; explain=1 lists its layers.")
        return json_response(filters)

    def serving(name: str) -> DigitModel:
        model = models.served.model
        if name != model.contract.name:
            abort(404, f"There is no model {name}; /models lists them.")
        return model

    def summary() -> dict[str, Any]:
        model = models.served.model
        return {
            "name": model.contract.name,
            "serving": model.version,
            "versions": store.versions(),
            "labels": labels(),
            "refused": reloader.refused._asdict() if reloader.refused else None,
        }

    def labels() -> dict[str, int | None]:
        try:
            return store.labels()
        except ArtifactError:  # `refused` says why
            return dict.fromkeys(LABELS)

    return blueprint
