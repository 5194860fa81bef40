"""The Open Inference Protocol on `/v2`, all but `infer` and health: what is served, and what it has done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort

from service.inference.served_model import ServedModel
from service.observability.shared_counters import Counters
from service.protocols.open_inference import digits, numbers
from service.protocols.open_inference.signature import INPUT, Signature
from service.protocols.open_inference.targets import unknown
from service.protocols.request import Target
from service.web.adapter import json_response
from service.web.open_inference_statistics import statistics

SERVER = "digits"
SIGNATURES = {signature.model: signature for signature in (digits.SIGNATURE, numbers.SIGNATURE)}
CONFIG_TYPES = {"UINT8": "TYPE_UINT8", "BYTES": "TYPE_STRING"}
EXTENSIONS = ["binary_tensor_data", "classification", "model_repository", "model_configuration", "statistics"]
PLATFORM = "tensorflow_lite"
POLLING = "explicit model load / unload is not allowed if polling is enabled"
"""Triton's words; the service follows the labels of its store."""


def routes(models: Mapping[str, ServedModel[Any]], counters: Counters) -> Blueprint:
    """Route `/v2`."""
    blueprint = Blueprint("open_inference", __name__, url_prefix="/v2")

    def serving(name: str, version: str | None) -> ServedModel[Any]:
        model = models.get(name)
        if model is None or version not in (None, str(model.version)):
            abort(404, unknown(Target(name, version)).detail)
        return model

    @blueprint.get("")
    def server() -> Response:
        return json_response({"name": SERVER, "version": "2", "extensions": EXTENSIONS})

    @blueprint.get("/models/<name>")
    @blueprint.get("/models/<name>/versions/<version>")
    def metadata(name: str, version: str | None = None) -> Response:
        signature, served = SIGNATURES[serving(name, version).name], models[name].version
        return json_response(
            {
                "name": name,
                "versions": [str(served)],
                "platform": PLATFORM,
                "inputs": [{"name": INPUT, "datatype": signature.datatype, "shape": signature.shape}],
                "outputs": [
                    {"name": output, "datatype": tensor.datatype, "shape": tensor.shape}
                    for output, tensor in signature.outputs.items()
                ],
            }
        )

    @blueprint.get("/models/<name>/config")
    @blueprint.get("/models/<name>/versions/<version>/config")
    def config(name: str, version: str | None = None) -> Response:
        return json_response(_config(SIGNATURES[serving(name, version).name]))

    @blueprint.get("/models/stats")
    def all_statistics() -> Response:
        return json_response({"model_stats": [statistics(model, counters) for model in models.values()]})

    @blueprint.get("/models/<name>/stats")
    @blueprint.get("/models/<name>/versions/<version>/stats")
    def model_statistics(name: str, version: str | None = None) -> Response:
        return json_response({"model_stats": [statistics(serving(name, version), counters)]})

    @blueprint.post("/repository/index")
    def index() -> Response:
        rows = [row for model in models.values() for row in _index(model)]
        return json_response(rows)

    @blueprint.post("/repository/models/<name>/load")
    @blueprint.post("/repository/models/<name>/unload")
    def load(name: str) -> Response:
        abort(503, POLLING)

    return blueprint


def _config(signature: Signature) -> dict[str, Any]:
    return {
        "name": signature.model,
        "platform": PLATFORM,
        "backend": "litert",
        "max_batch_size": 0,
        "input": [{"name": INPUT, "data_type": CONFIG_TYPES[signature.datatype], "dims": signature.shape}],
        "output": [
            {"name": name, "data_type": tensor.config_type, "dims": tensor.shape}
            for name, tensor in signature.outputs.items()
        ],
    }


def _index(model: ServedModel[Any]) -> list[dict[str, Any]]:
    return [
        {"name": model.name, "version": str(version)}
        | (
            {"state": "READY", "reason": ""}
            if version == model.version
            else {"state": "UNAVAILABLE", "reason": "unloaded"}
        )
        for version in sorted({*model.store.versions(), model.version})
    ]
