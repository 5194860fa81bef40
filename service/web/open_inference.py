"""The Open Inference Protocol on `/v2`, all but `infer`: what is served, whether it is ready, and what it has done."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from models.registry.store import Store
from service.inference.predictor import Predictor
from service.observability.metrics import Metrics
from service.protocols.open_inference import OUTPUTS
from service.protocols.open_inference_inputs import INPUT
from service.web import json_response
from service.web.statistics import of_model

NAME = "digits"
EXTENSIONS = ["binary_tensor_data", "classification", "model_repository", "model_configuration", "statistics"]
PLATFORM = "onnxruntime_onnx"
NOT_LOADED_BY_HAND = "explicit model load / unload is not allowed if polling is enabled"
"""As Triton says it: the service follows the labels of its store."""


def routes(predictor: Predictor, store: Store, metrics: Metrics) -> Blueprint:
    """`/v2`."""
    blueprint = Blueprint("inference", __name__, url_prefix="/v2")

    def found(name: str, version: str | None) -> None:
        model = predictor.model
        if name != model.contract.name or version not in (None, str(model.version)):
            of = f" version {version}" if version else ""
            abort(404, f"Request for unknown model: '{name}'{of} is not found")

    @blueprint.get("")
    def server() -> Response:
        return json_response({"name": NAME, "version": "2", "extensions": EXTENSIONS})

    @blueprint.get("/health/live")
    def live() -> Response:
        return json_response({"live": True})

    @blueprint.get("/health/ready")
    def ready() -> Response:
        if predictor.draining:
            abort(503, "the server is about to stop")
        return json_response({"ready": True})

    @blueprint.get("/models/<name>/ready")
    @blueprint.get("/models/<name>/versions/<version>/ready")
    def model_ready(name: str, version: str | None = None) -> Response:
        found(name, version)
        if predictor.draining:
            abort(503, "the server is about to stop")
        return json_response({"name": name, "ready": True})

    @blueprint.get("/models/<name>")
    @blueprint.get("/models/<name>/versions/<version>")
    def metadata(name: str, version: str | None = None) -> Response:
        found(name, version)
        shapes = {"probabilities": [-1, 10], "label": [-1]}
        return json_response(
            {
                "name": name,
                "versions": [str(predictor.model.version)],
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
        found(name, version)
        return json_response(
            {
                "name": name,
                "platform": PLATFORM,
                "backend": "onnxruntime",
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
    def statistics(name: str = NAME, version: str | None = None) -> Response:
        found(name, version)
        return json_response({"model_stats": [of_model(predictor.model, metrics.counters)]})

    @blueprint.post("/repository/index")
    def index() -> Response:
        serving = predictor.model.version
        rows = [
            {"name": NAME, "version": str(version)}
            | (
                {"state": "READY", "reason": ""}
                if version == serving
                else {"state": "UNAVAILABLE", "reason": "unloaded"}
            )
            for version in sorted({*store.versions(), serving})
        ]
        return json_response(rows)

    @blueprint.post("/repository/models/<name>/load")
    @blueprint.post("/repository/models/<name>/unload")
    def load(name: str) -> Response:
        abort(503, NOT_LOADED_BY_HAND)

    return blueprint
