"""`POST /v2/models/digits/infer`: the Open Inference Protocol, with two of Triton's extensions.

The protocol: https://github.com/kserve/open-inference-protocol. Binary tensor data and classification:
https://github.com/triton-inference-server/server, docs/protocol. Errors are worded as Triton's.
"""

from __future__ import annotations

import re
import struct
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import MalformedRequest, NoSuchModel, RequestError
from models.inference.digit_model import Predictions
from service.config import Config
from service.errors import bare_failure, bare_refusal
from service.protocols import tensors
from service.protocols.open_inference_inputs import images, parameters_of, wrong
from service.protocols.request import Call, Endpoint, Written
from service.protocols.tensors import Found, Images
from service.protocols.verdicts import judge

PATH = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer")
OUTPUTS = {"probabilities": "FP32", "label": "INT64"}
HEADER_LENGTH = "Inference-Header-Content-Length"
BLANK = -1
"""The label of an image in which nothing is drawn."""


class Output(NamedTuple):
    """One output that was asked for."""

    name: str
    binary: bool
    classes: int  # the best so many as "probability:index:label"; 0: the tensor


class Asked(NamedTuple):
    """What the answer must hold."""

    id: str | None
    outputs: list[Output]


def open_inference(call: Call, config: Config) -> Images:
    """Parse an inference request.

    Raises:
        RequestError: it is not one that this model can answer.
    """
    document, binary = _split(call)
    asked = _asked(document)
    return images(document, binary, asked, config)


def write(reading: Found, predictions: Predictions, call: Call) -> Written:
    """Put the model's words into an inference response.

    Raises:
        NoSuchModel: the path asks for another model or version.
    """
    matched = PATH.fullmatch(call.path)
    assert matched is not None, "routed by it"
    name, version = matched.groups()
    model = predictions.model
    if name != model.contract.name or version not in (None, str(model.version)):
        of = f" version {version}" if version else ""
        raise NoSuchModel("not_found", f"Request for unknown model: '{name}'{of} is not found")
    verdicts = [verdict for verdict in judge(reading.items, predictions) if not isinstance(verdict, RequestError)]
    asked: Asked = reading.asked
    outputs, chunks = [], []
    for output in asked.outputs:
        described, values = _output(output, verdicts)
        if output.binary:
            chunks.append(_bytes_of(values))
            described["parameters"] = {"binary_data_size": len(chunks[-1])}
        else:
            described["data"] = values.ravel().tolist() if isinstance(values, np.ndarray) else values
        outputs.append(described)
    document = {"model_name": name, "model_version": str(model.version)}
    if asked.id is not None:
        document["id"] = asked.id
    head = orjson.dumps(document | {"outputs": outputs})
    if not chunks:
        return Written({"Content-Type": "application/json"}, head, verdicts)
    fields = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return Written(fields, b"".join((head, *chunks)), verdicts)


INFER = Endpoint("/v2/models/<name>/infer", open_inference, write, bare_refusal, bare_failure)


def _split(call: Call) -> tuple[dict[str, Any], bytes]:
    """The JSON of a request, and the binary tensors after it."""
    if not call.header_length:
        return tensors.parse_json(call.body), b""
    if not (call.header_length.isascii() and call.header_length.isdecimal()):
        raise MalformedRequest("bad_header", f"{HEADER_LENGTH} must be a number of bytes")
    size = int(call.header_length[:20])
    if size > len(call.body):
        raise MalformedRequest("bad_header", f"{HEADER_LENGTH} {size} is over the {len(call.body)} bytes of the body")
    return tensors.parse_json(call.body[:size]), call.body[size:]


def _asked(document: dict[str, Any]) -> Asked:
    identity = document.get("id")
    if identity is not None and not isinstance(identity, str):
        raise wrong("'id' must be a string")
    by_default = parameters_of(document).get("binary_data_output", False) is True
    wanted = document.get("outputs")
    if not wanted:
        return Asked(identity, [Output(name, by_default, 0) for name in OUTPUTS])
    outputs = []
    for one in wanted if isinstance(wanted, list) else [None]:
        name = one.get("name") if isinstance(one, dict) else one
        if not isinstance(one, dict) or not isinstance(name, str) or name not in OUTPUTS:
            raise wrong(f"unexpected inference output '{name}' for model 'digits'; there are {', '.join(OUTPUTS)}")
        parameters = parameters_of(one)
        classes = parameters.get("classification", 0)
        if type(classes) is not int or classes < 0 or (classes and name != "probabilities"):
            raise wrong(f"'classification' of output '{name}' must be a number of classes, of 'probabilities' alone")
        outputs.append(Output(name, parameters.get("binary_data", by_default) is True, min(classes, 10)))
    return Asked(identity, outputs)


def _output(output: Output, verdicts: list[dict[str, Any]]) -> tuple[dict[str, Any], NDArray[Any] | list[str]]:
    n = len(verdicts)
    if output.classes:
        strings = [text for verdict in verdicts for text in _best(verdict["probabilities"], output.classes)]
        return {"name": output.name, "datatype": "BYTES", "shape": [n, output.classes]}, strings
    if output.name == "label":
        digits = [BLANK if verdict["digit"] is None else verdict["digit"] for verdict in verdicts]
        return {"name": output.name, "datatype": "INT64", "shape": [n]}, np.array(digits, "<i8")
    probabilities = np.array([verdict["probabilities"] for verdict in verdicts], "<f4")
    return {"name": output.name, "datatype": "FP32", "shape": [n, 10]}, probabilities


def _best(probabilities: list[float], count: int) -> list[str]:
    best = sorted(range(10), key=lambda index: -probabilities[index])[:count]
    return [f"{probabilities[index]:f}:{index}:{index}" for index in best]


def _bytes_of(values: NDArray[Any] | list[str]) -> bytes:
    if isinstance(values, np.ndarray):
        return values.tobytes()
    return b"".join(struct.pack("<I", len(text)) + text.encode() for text in values)
