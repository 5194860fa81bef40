"""The Open Inference Protocol on `/v2`, all but `infer` and health: what is served, and what it has done."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from models.inference.digit_model import DigitModel
from service.inference.predictor import Predictor
from service.inference.served_model import ServedModel
from service.observability.shared_counters import Counters
from service.protocols.open_inference import INPUT, OUTPUTS, unknown
from service.protocols.request import Target
from service.web.adapter import json_response
from service.web.open_inference_statistics import statistics

NAME = "digits"
EXTENSIONS = ["binary_tensor_data", "classification", "model_repository", "model_configuration", "statistics"]
PLATFORM = "tensorflow_lite"
POLLING = "explicit model load / unload is not allowed if polling is enabled"
"""Triton's words; the service follows the labels of its store."""


def routes(digits: ServedModel[Predictor], counters: Counters) -> Blueprint:
    """Route `/v2`."""
    blueprint = Blueprint("open_inference", __name__, url_prefix="/v2")

    def serving(name: str, version: str | None) -> DigitModel:
        model = digits.versions.served.model
        if name != model.contract.name or version not in (None, str(model.version)):
            abort(404, unknown(Target(name, version)).detail)
        return model

    @blueprint.get("")
    def server() -> Response:
        return json_response({"name": NAME, "version": "2", "extensions": EXTENSIONS})

    @blueprint.get("/models/<name>")
    @blueprint.get("/models/<name>/versions/<version>")
    def metadata(name: str, version: str | None = None) -> Response:
        model = serving(name, version)
        shapes = {"probabilities": [-1, 10], "label": [-1]}
        return json_response(
            {
                "name": name,
                "versions": [str(model.version)],
                "platform": PLATFORM,
                "inputs": [{"name": INPUT, "datatype": "UINT8", "shape": [-1, 28, 28]}],
                "outputs": [
                    {"name": output, "datatype": datatype, "shape": shapes[output]}
                    for output, datatype in OUTPUTS.items()
                ],
            }
        )

    @blueprint.get("/models/<name>/config")
    @blueprint.get("/models/<name>/versions/<version>/config")
    def config(name: str, version: str | None = None) -> Response:
        serving(name, version)
        return json_response(
            {
                "name": name,
                "platform": PLATFORM,
                "backend": "litert",
                "max_batch_size": 0,
                "input": [{"name": INPUT, "data_type": "TYPE_UINT8", "dims": [-1, 28, 28]}],
                "output": [
                    {"name": "probabilities", "data_type": "TYPE_FP32", "dims": [-1, 10]},
                    {"name": "label", "data_type": "TYPE_INT64", "dims": [-1]},
                ],
            }
        )

    @blueprint.get("/models/stats")
    @blueprint.get("/models/<name>/stats")
    @blueprint.get("/models/<name>/versions/<version>/stats")
    def model_statistics(name: str = NAME, version: str | None = None) -> Response:
        return json_response({"model_stats": [statistics(serving(name, version), counters)]})

    @blueprint.post("/repository/index")
    def index() -> Response:
        current = digits.version
        rows = [
            {"name": NAME, "version": str(version)}
            | (
                {"state": "READY", "reason": ""}
                if version == current
                else {"state": "UNAVAILABLE", "reason": "unloaded"}
            )
            for version in sorted({*digits.store.versions(), current})
        ]
        return json_response(rows)

    @blueprint.post("/repository/models/<name>/load")
    @blueprint.post("/repository/models/<name>/unload")
    def load(name: str) -> Response:
        abort(503, POLLING)

    return blueprint
