"""TensorFlow Serving's REST API: `POST /v1/models/digits:predict` and `:classify`, `/v1/models/numbers:predict`.

https://www.tensorflow.org/tfx/serving/api_rest; the signature of digits is the one of every version's SavedModel.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import orjson

from models.errors import MalformedRequest, NoSuchModel, UnusableInput
from models.preprocessing.mnist_geometry import SIZE
from service.config import Config
from service.protocols import json_fields, tensors
from service.protocols.endpoint import DIGITS, NUMBERS, Answers, Endpoint, Numbers
from service.protocols.request import ParsedRequest, Request, ResponseFormat, Target
from service.protocols.response import JSON, Response

PATH = re.compile(r"/v1/models/([^/:]+)(?:/versions/([0-9]+)|/labels/([^/:]+))?:(predict|classify)")
INPUT, SIGNATURE = "image", "serving_default"


def parse_predict(request: Request, config: Config) -> ParsedRequest:
    """Parse `{"instances": [...]}` or `{"inputs": ...}`.

    Raises:
        RequestError: the body is neither, or holds no images.
    """
    values, layout = _values(request)
    if any(isinstance(value, dict) for value in values):
        return _files(values, layout, config)
    return tensors.of_lists(values, layout, config)


def parse_numbers(request: Request, config: Config) -> ParsedRequest:
    """Parse what `parse_predict` does, but encoded images alone.

    Raises:
        RequestError: the body holds no encoded images.
    """
    return _files(*_values(request), config)


def parse_classify(request: Request, config: Config) -> ParsedRequest:
    """Parse `{"examples": [{"image": ...}]}`; the pixels of an example may be flat.

    Raises:
        RequestError: the body holds no examples.
    """
    examples = _document(request).get("examples")
    if not isinstance(examples, list) or not examples:
        raise MalformedRequest("bad_document", "Expecting 'examples' value to be a list with at least one item")
    values = []
    for example in examples:
        if not isinstance(example, dict) or example.keys() != {INPUT}:
            raise MalformedRequest("bad_document", f"Each example must be an object with the feature '{INPUT}'")
        value = example[INPUT]
        flat = isinstance(value, list) and len(value) == SIZE * SIZE
        values.append([value[n : n + SIZE] for n in range(0, SIZE * SIZE, SIZE)] if flat else value)
    if any(isinstance(value, dict) for value in values):
        return _files(values, "results", config)
    return tensors.of_lists(values, "results", config)


def write(form: ResponseFormat, answers: Answers, request: Request) -> Response:
    """Write the probabilities of each image under `predictions`, `outputs` or `results`."""
    layout: str = form.options
    rows: list[Any] = [prediction.probabilities for prediction in answers.predictions]
    if layout == "results":
        rows = [[[str(label), probability] for label, probability in enumerate(row)] for row in rows]
    return Response(HTTPStatus.OK, JSON, orjson.dumps({layout: rows}))


def write_numbers(form: ResponseFormat, numbers: Numbers, request: Request) -> Response:
    """Write the number of each image, as text, under `predictions` or `outputs`."""
    texts = [number.number for number in numbers.numbers]
    return Response(HTTPStatus.OK, JSON, orjson.dumps({form.options: texts}))


def target(request: Request) -> Target:
    """Read the model, version and label from the path."""
    matched = PATH.fullmatch(request.path)
    assert matched is not None, "the registry found this endpoint by its path"
    return Target(matched[1], matched[2], matched[3])


def unknown(target: Target) -> NoSuchModel:
    """Refuse a model, version or label that is not served."""
    if target.label is not None:
        return NoSuchModel("not_found", f"Unrecognized servable version label: {target.label}")
    which = f"Specific({target.name}, {target.version})" if target.version else f"Latest({target.name})"
    return NoSuchModel("not_found", f"Servable not found for request: {which}")


PREDICT = Endpoint("/v1/models/<name>:predict", DIGITS, target, unknown, parse_predict, write)
PREDICT_NUMBERS = Endpoint("/v1/models/numbers:predict", NUMBERS, target, unknown, parse_numbers, write_numbers)
CLASSIFY = Endpoint("/v1/models/<name>:classify", DIGITS, target, unknown, parse_classify, write)


def _document(request: Request) -> dict[str, Any]:
    document = json_fields.given(json_fields.parse_object(request.body.data()))
    signature = document.get("signature_name", SIGNATURE)
    if signature not in ("", SIGNATURE):
        raise MalformedRequest("bad_signature", f'Serving signature key "{signature}" not found.')
    return document


def _unwrap(value: Any) -> Any:
    """Return the value of an input that is given by its name."""
    if isinstance(value, dict) and value.keys() == {INPUT}:
        return value[INPUT]
    return value


def _values(request: Request) -> tuple[list[Any], str]:
    """Take the values out of a request for predictions, and the key under which its response holds them."""
    document = _document(request)
    if "instances" in document:
        values = document["instances"]
        if not isinstance(values, list) or not values:
            raise MalformedRequest("bad_document", "Excepting 'instances' to be an list/array with at least one value")
        return [_unwrap(value) for value in values], "predictions"
    if "inputs" not in document:
        raise MalformedRequest("bad_document", "Missing 'inputs' or 'instances' key")
    values = _unwrap(document["inputs"])
    return values if isinstance(values, list) else [values], "outputs"


def _files(values: list[Any], layout: str, config: Config) -> ParsedRequest:
    if not all(isinstance(value, dict) and value.keys() == {"b64"} for value in values):
        raise UnusableInput("bad_document", 'Send {"b64": "..."} or, to read digits, 28x28 pixels, for all alike')
    return tensors.of_files([json_fields.decode_base64(value["b64"]) for value in values], layout, config)
