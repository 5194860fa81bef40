"""TensorFlow Serving's REST API on `/v1`, all but its predictions: status and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort
from werkzeug.routing import BaseConverter

from service.inference.served_model import ServedModel
from service.protocols.endpoint import DIGITS, NUMBERS
from service.protocols.request import Target
from service.protocols.tensorflow_serving import INPUT, SIGNATURE, unknown
from service.web.adapter import json_response


class Part(BaseConverter):
    """A part of a path without a colon, behind which a verb stands that only POST knows."""

    regex = "[^/:]+"


def routes(models: Mapping[str, ServedModel[Any]]) -> Blueprint:
    """Route `/v1/models/...`."""
    blueprint = Blueprint("tensorflow_serving", __name__, url_prefix="/v1/models")

    def serving(name: str, version: str | None, label: str | None) -> str:
        model = models.get(name)
        if model is not None and label not in (None, model.label):
            abort(404, unknown(Target(name, version, label)).detail)
        if model is None or version not in (None, str(model.version)):
            abort(404, unknown(Target(name, version)).detail)
        return str(model.version)

    @blueprint.get("/<part:name>")
    @blueprint.get("/<part:name>/versions/<part:version>")
    @blueprint.get("/<part:name>/labels/<part:label>")
    def status(name: str, version: str | None = None, label: str | None = None) -> Response:
        good = {"error_code": "OK", "error_message": ""}
        row = {"version": serving(name, version, label), "state": "AVAILABLE", "status": good}
        return json_response({"model_version_status": [row]})

    @blueprint.get("/<part:name>/metadata")
    @blueprint.get("/<part:name>/versions/<part:version>/metadata")
    @blueprint.get("/<part:name>/labels/<part:label>/metadata")
    def metadata(name: str, version: str | None = None, label: str | None = None) -> Response:
        served = serving(name, version, label)
        return json_response(
            {
                "model_spec": {"name": name, "signature_name": "", "version": served},
                "metadata": {"signature_def": {"signature_def": {SIGNATURE: SIGNATURES[name]}}},
            }
        )

    return blueprint


def _tensor(dtype: str, *sizes: str) -> dict[str, Any]:
    dimensions = [{"size": size, "name": ""} for size in sizes]
    return {"dtype": dtype, "tensor_shape": {"dim": dimensions, "unknown_rank": False}, "name": ""}


def _signature(given: dict[str, Any], output: str, answered: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": {INPUT: given}, "outputs": {output: answered}, "method_name": "tensorflow/serving/predict"}


SIGNATURES = {
    DIGITS: _signature(_tensor("DT_UINT8", "-1", "28", "28"), "probabilities", _tensor("DT_FLOAT", "-1", "10")),
    NUMBERS: _signature(_tensor("DT_STRING", "-1"), "number", _tensor("DT_STRING", "-1")),
}
