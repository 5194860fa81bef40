"""Inference by the model of numbers: encoded images in, text out."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.config import Config
from service.protocols import tensors
from service.protocols.endpoint import NUMBERS, Endpoint, Numbers
from service.protocols.open_inference import inference_request, inference_response
from service.protocols.open_inference.signature import INPUT, Options, Output, Signature, Tensor, Values
from service.protocols.open_inference.targets import target, unknown
from service.protocols.request import ParsedRequest, Request, ResponseFormat
from service.protocols.response import Response

SIGNATURE = Signature(
    NUMBERS,
    "BYTES",
    [-1],
    {"number": Tensor("BYTES", [-1], "TYPE_STRING"), "accepted": Tensor("BOOL", [-1], "TYPE_BOOL")},
)


def parse(request: Request, config: Config) -> ParsedRequest:
    """Parse an inference request.

    Raises:
        RequestError: the model cannot answer it.
    """
    inference = inference_request.parse(request, SIGNATURE)
    if inference.datatype != "BYTES":
        raise inference_request.unusable(f"input '{INPUT}' has datatype {inference.datatype}; send BYTES")
    return tensors.of_files(inference_request.files(inference), inference.options, config)


def write(form: ResponseFormat, numbers: Numbers, request: Request) -> Response:
    """Write an inference response."""
    options: Options = form.options
    return inference_response.write(numbers.name, numbers.version, options, lambda output: _output(output, numbers))


INFER = Endpoint("/v2/models/numbers/infer", NUMBERS, target, unknown, parse, write)


def _output(output: Output, numbers: Numbers) -> tuple[dict[str, Any], Values]:
    found = numbers.numbers
    values: Values = [number.number for number in found]
    if output["name"] == "accepted":
        values = np.array([number.accepted for number in found], np.bool_)
    described = {"name": output["name"], "datatype": SIGNATURE.outputs[output["name"]].datatype, "shape": [len(found)]}
    return described, values
