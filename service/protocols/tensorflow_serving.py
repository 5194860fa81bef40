"""TensorFlow Serving's REST API: `POST /v1/models/digits:predict` and `:classify`.

https://www.tensorflow.org/tfx/serving/api_rest; the signature is the one of the SavedModel in every version.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import MalformedRequest, NoSuchModel, RequestError, UnusableInput
from models.inference.digit_model import Predictions
from models.preprocessing.mnist_geometry import SIZE
from service.config import Config
from service.errors import bare_failure, bare_refusal
from service.protocols import tensors
from service.protocols.request import Call, Endpoint, Written
from service.protocols.tensors import Found, Images
from service.protocols.verdicts import judge

PATH = re.compile(r"/v1/models/([^/:]+)(?:/versions/([0-9]+)|/labels/([^/:]+))?:(predict|classify)")
INPUT, SIGNATURE = "image", "serving_default"


class Asked(NamedTuple):
    """How the answer is laid out: by `predictions`, `outputs` or `results`."""

    layout: str


def open_predict(call: Call, config: Config) -> Images:
    """Parse `{"instances": [...]}` or `{"inputs": ...}`.

    Raises:
        RequestError: it is neither, or holds no images.
    """
    document = _document(call, config)
    if "instances" in document:
        values = document["instances"]
        if not isinstance(values, list) or not values:
            raise MalformedRequest("bad_document", "Excepting 'instances' to be an list/array with at least one value")
        return _images([_unwrapped(value) for value in values], Asked("predictions"), config)
    if "inputs" not in document:
        raise MalformedRequest("bad_document", "Missing 'inputs' or 'instances' key")
    values = _unwrapped(document["inputs"])
    return _images(values if isinstance(values, list) else [values], Asked("outputs"), config)


def open_classify(call: Call, config: Config) -> Images:
    """Parse `{"examples": [{"image": ...}]}`; an example's pixels may be flat.

    Raises:
        RequestError: it holds no examples.
    """
    examples = _document(call, config).get("examples")
    if not isinstance(examples, list) or not examples:
        raise MalformedRequest("bad_document", "Expecting 'examples' value to be a list with at least one item")
    values = []
    for example in examples:
        if not isinstance(example, dict) or example.keys() != {INPUT}:
            raise MalformedRequest("bad_document", f"Each example must be an object with the feature '{INPUT}'")
        value = example[INPUT]
        flat = isinstance(value, list) and len(value) == SIZE * SIZE
        values.append([value[n : n + SIZE] for n in range(0, SIZE * SIZE, SIZE)] if flat else value)
    return _images(values, Asked("results"), config)


def write(reading: Found, predictions: Predictions, call: Call) -> Written:
    """Put the model's words into the answer.

    Raises:
        NoSuchModel: the path asks for another model, version or label.
    """
    name, version, _ = _parts(call)
    model = predictions.model
    if name != model.contract.name or version not in (None, str(model.version)):
        which = f"Specific({name}, {version})" if version else f"Latest({name})"
        raise NoSuchModel("not_found", f"Servable not found for request: {which}")
    verdicts = [verdict for verdict in judge(reading.items, predictions) if not isinstance(verdict, RequestError)]
    rows: list[Any] = [verdict["probabilities"] for verdict in verdicts]
    if reading.asked.layout == "results":
        rows = [[[str(label), probability] for label, probability in enumerate(row)] for row in rows]
    return Written({"Content-Type": "application/json"}, orjson.dumps({reading.asked.layout: rows}), verdicts)


PREDICT = Endpoint("/v1/models/<name>:predict", open_predict, write, bare_refusal, bare_failure)
CLASSIFY = Endpoint("/v1/models/<name>:classify", open_classify, write, bare_refusal, bare_failure)


def _document(call: Call, config: Config) -> dict[str, Any]:
    label = _parts(call)[2]
    if label is not None and label != config.version:
        raise NoSuchModel("not_found", f"Unrecognized servable version label: {label}")
    document = tensors.parse_json(call.body)
    signature = document.get("signature_name", SIGNATURE)
    if signature not in ("", SIGNATURE):
        raise MalformedRequest("bad_signature", f'Serving signature key "{signature}" not found.')
    return document


def _parts(call: Call) -> tuple[str, str | None, str | None]:
    """Name, version and label that the path asks for."""
    matched = PATH.fullmatch(call.path)
    assert matched is not None, "routed by it"
    return matched[1], matched[2], matched[3]


def _unwrapped(value: Any) -> Any:
    """An input given by its name is what the name stands for."""
    if isinstance(value, dict) and value.keys() == {INPUT}:
        return value[INPUT]
    return value


def _images(values: list[Any], asked: Asked, config: Config) -> Images:
    """All pixels, or all encoded."""
    if any(isinstance(value, dict) for value in values):
        if not all(isinstance(value, dict) and value.keys() == {"b64"} for value in values):
            raise UnusableInput("bad_document", 'Send either 28x28 pixels or {"b64": "..."}, for all alike')
        return tensors.of_files([tensors.from_base64(value["b64"]) for value in values], asked, config)
    pixels: NDArray[np.generic] = tensors.array(values)
    return tensors.of_pixels(pixels, asked, config)
