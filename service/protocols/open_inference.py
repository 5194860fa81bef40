"""`POST /v2/models/digits/infer`: the Open Inference Protocol, with two of Triton's extensions.

The protocol: https://github.com/kserve/open-inference-protocol. Binary tensor data and classification:
https://github.com/triton-inference-server/server, docs/protocol. Errors are worded as Triton's.
"""

from __future__ import annotations

import re
import struct
from http import HTTPStatus
from typing import Any, TypedDict

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import MalformedRequest, NoSuchModel, UnusableInput
from models.inference.digit_model import Prediction
from models.preprocessing.mnist_geometry import SIZE
from service.config import Config
from service.protocols import json_fields, tensors
from service.protocols.endpoint import DIGITS, Answers, Endpoint
from service.protocols.request import ParsedRequest, Request, ResponseFormat, Target
from service.protocols.response import JSON, Response

PATH = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer")
INPUT = "image"
DTYPES: dict[str, np.dtype[Any]] = {"UINT8": np.dtype(np.uint8), "FP32": np.dtype("<f4")}
OUTPUTS = {"probabilities": "FP32", "label": "INT64"}
HEADER_LENGTH = "Inference-Header-Content-Length"
LONGEST_ID = 1024
"""Characters of an id, which the response repeats."""
MOST_OUTPUTS = 16
BLANK_LABEL = -1
"""Label of an image without ink."""


class Output(TypedDict):
    """An output that a request asks for.

    Attributes:
        name: key of OUTPUTS.
        binary: whether its values follow the JSON as bytes.
        classes: number of best classes to answer as "probability:index:label"; 0 for the tensor.
    """

    name: str
    binary: bool
    classes: int


class Options(TypedDict):
    """What the response must hold."""

    id: str | None
    outputs: list[Output]


def parse(request: Request, config: Config) -> ParsedRequest:
    """Parse an inference request.

    Raises:
        RequestError: the model cannot answer it.
    """
    document, binary = _split(request)
    options = _options(document)
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        count = len(inputs) if isinstance(inputs, list) else 0
        raise _unusable(f"expected 1 inputs but got {count} inputs for model 'digits'")
    tensor = inputs[0]
    if tensor.get("name") != INPUT:
        raise _unusable(f"unexpected inference input '{tensor.get('name')}' for model 'digits'; it is '{INPUT}'")
    datatype, shape = tensor.get("datatype"), _shape(tensor)
    data = _binary_data(tensor, binary)
    if datatype == "BYTES":
        files = _split_bytes(data) if data is not None else list(map(json_fields.decode_base64, _data(tensor)))
        if shape != [len(files)]:
            raise _unusable(f"input '{INPUT}' of shape {shape} has {len(files)} elements")
        return tensors.of_files(files, options, config)
    if not isinstance(datatype, str) or datatype not in DTYPES:
        raise _unusable(f"input '{INPUT}' has datatype {datatype}; send UINT8, FP32 or BYTES")
    if len(shape) != 3 or shape[1:] != [SIZE, SIZE]:
        raise _unusable(f"unexpected shape for input '{INPUT}' for model 'digits'. Expected [-1,28,28], got {shape}")
    json_fields.check_count(shape[0], config.max_items)
    return tensors.of_pixels(_pixels(tensor, data, DTYPES[datatype], shape), options, config)


def write(form: ResponseFormat, answers: Answers, request: Request) -> Response:
    """Write an inference response."""
    options: Options = form.options
    predictions = answers.predictions
    outputs, chunks = [], []
    for output in options["outputs"]:
        described, values = _output(output, predictions)
        if output["binary"]:
            chunks.append(_to_bytes(values))
            described["parameters"] = {"binary_data_size": len(chunks[-1])}
        else:
            described["data"] = values.ravel().tolist() if isinstance(values, np.ndarray) else values
        outputs.append(described)
    document: dict[str, Any] = {"model_name": answers.name, "model_version": str(answers.version)}
    if options["id"] is not None:
        document["id"] = options["id"]
    head = orjson.dumps(document | {"outputs": outputs})
    if not chunks:
        return Response(HTTPStatus.OK, JSON, head)
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return Response(HTTPStatus.OK, headers, b"".join((head, *chunks)))


def target(request: Request) -> Target:
    """Read the model and version from the path."""
    matched = PATH.fullmatch(request.path)
    assert matched is not None, "the registry found this endpoint by its path"
    return Target(matched[1], matched[2])


def unknown(target: Target) -> NoSuchModel:
    """Refuse a model or version that is not served."""
    version = f" version {target.version}" if target.version else ""
    return NoSuchModel("not_found", f"Request for unknown model: '{target.name}'{version} is not found")


INFER = Endpoint("/v2/models/<name>/infer", DIGITS, target, unknown, parse, write)


def _split(request: Request) -> tuple[dict[str, Any], bytes]:
    """Split a body into its JSON and the binary tensors after it."""
    length, body = request.header(HEADER_LENGTH.lower().encode()), request.body.data()
    if not length:
        return json_fields.parse_object(body), b""
    if not (length.isascii() and length.isdecimal()):
        raise MalformedRequest("bad_header", f"{HEADER_LENGTH} must be a number of bytes")
    size = int(length[:20])
    if size > len(body):
        raise MalformedRequest("bad_header", f"{HEADER_LENGTH} {size} is over the {len(body)} bytes of the body")
    return json_fields.parse_object(body[:size]), body[size:]


def _options(document: dict[str, Any]) -> Options:
    identity = document.get("id")
    if identity is not None and not (isinstance(identity, str) and len(identity) <= LONGEST_ID):
        raise _unusable(f"'id' must be a string of at most {LONGEST_ID} characters")
    binary = _parameters(document).get("binary_data_output", False) is True
    requested = document.get("outputs")
    if not requested:
        return Options(id=identity, outputs=[Output(name=name, binary=binary, classes=0) for name in OUTPUTS])
    if isinstance(requested, list) and len(requested) > MOST_OUTPUTS:
        raise _unusable(f"{len(requested)} outputs are requested; ask for at most {MOST_OUTPUTS}")
    outputs = []
    for output in requested if isinstance(requested, list) else [None]:
        name = output.get("name") if isinstance(output, dict) else output
        if not isinstance(output, dict) or not isinstance(name, str) or name not in OUTPUTS:
            raise _unusable(f"unexpected inference output '{name}' for model 'digits'; there are {', '.join(OUTPUTS)}")
        parameters = _parameters(output)
        classes = parameters.get("classification", 0)
        if type(classes) is not int or classes < 0 or (classes and name != "probabilities"):
            raise _unusable(
                f"'classification' of output '{name}' must be a number of classes, of 'probabilities' alone"
            )
        as_bytes = parameters.get("binary_data", binary) is True
        outputs.append(Output(name=name, binary=as_bytes, classes=min(classes, 10)))
    return Options(id=identity, outputs=outputs)


def _parameters(described: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of an input, an output or a request."""
    parameters = described.get("parameters", {})
    if not isinstance(parameters, dict):
        raise _unusable("'parameters' must be an object")
    return parameters


def _unusable(detail: str) -> UnusableInput:
    return UnusableInput("bad_inference", detail)


def _shape(tensor: dict[str, Any]) -> list[int]:
    shape = tensor.get("shape")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise _unusable(f"input '{INPUT}' must have a shape of whole numbers")
    return shape


def _binary_data(tensor: dict[str, Any], binary: bytes) -> bytes | None:
    """Return the tensor's bytes; None if its data is in the JSON."""
    size = _parameters(tensor).get("binary_data_size")
    if (size is None) == ("data" not in tensor):
        raise _unusable(f"input '{INPUT}' must have either 'data' or 'binary_data_size'")
    if (0 if size is None else size) != len(binary):
        raise _unusable(f"unexpected additional input data for model 'digits': {len(binary)} bytes, not {size or 0}")
    return None if size is None else binary


def _data(tensor: dict[str, Any]) -> list[Any]:
    data = tensor["data"]
    if not isinstance(data, list):
        raise _unusable(f"the data of input '{INPUT}' must be an array")
    return data


def _pixels(tensor: dict[str, Any], data: bytes | None, dtype: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    """Return the tensor, whether its data came as bytes, nested or flat."""
    try:
        if data is not None:
            return np.frombuffer(data, dtype).reshape(shape)
        values = _data(tensor)
        return json_fields.numbers(values, tuple(json_fields.outline(values))).reshape(shape)
    except (ValueError, UnusableInput) as error:
        raise _unusable(f"the data of input '{INPUT}' is not of shape {shape}: {error}") from None


def _split_bytes(data: bytes) -> list[bytes]:
    """Split BYTES elements, each of which follows its length in 4 bytes, little-endian."""
    elements, start = [], 0
    while start < len(data):
        end = start + 4
        if end <= len(data):
            end += struct.unpack_from("<I", data, start)[0]
        if end > len(data) or start + 4 > len(data):
            raise _unusable(f"the BYTES of input '{INPUT}' are cut short")
        elements.append(data[start + 4 : end])
        start = end
    return elements


def _output(output: Output, predictions: list[Prediction]) -> tuple[dict[str, Any], NDArray[Any] | list[str]]:
    n = len(predictions)
    if output["classes"]:
        strings = [text for prediction in predictions for text in _best(prediction.probabilities, output["classes"])]
        return {"name": output["name"], "datatype": "BYTES", "shape": [n, output["classes"]]}, strings
    if output["name"] == "label":
        labels = [BLANK_LABEL if prediction.digit is None else prediction.digit for prediction in predictions]
        return {"name": output["name"], "datatype": "INT64", "shape": [n]}, np.array(labels, "<i8")
    probabilities = np.array([prediction.probabilities for prediction in predictions], "<f4")
    return {"name": output["name"], "datatype": "FP32", "shape": [n, 10]}, probabilities


def _best(probabilities: list[float], count: int) -> list[str]:
    best = sorted(range(10), key=lambda index: -probabilities[index])[:count]
    return [f"{probabilities[index]:f}:{index}:{index}" for index in best]


def _to_bytes(values: NDArray[Any] | list[str]) -> bytes:
    if isinstance(values, np.ndarray):
        return values.tobytes()
    return b"".join(struct.pack("<I", len(text)) + text.encode() for text in values)
