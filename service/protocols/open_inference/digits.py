"""Inference by the model of digits: pixels or encoded images in, probabilities and labels out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UnusableInput
from models.inference.digit_model import Prediction
from models.preprocessing.mnist_geometry import SIZE
from service.config import Config
from service.protocols import json_fields, tensors
from service.protocols.endpoint import DIGITS, Answers, Endpoint
from service.protocols.open_inference import inference_request, inference_response
from service.protocols.open_inference.inference_request import Inference
from service.protocols.open_inference.signature import INPUT, Options, Output, Signature, Tensor, Values
from service.protocols.open_inference.targets import target, unknown
from service.protocols.request import ParsedRequest, Request, ResponseFormat
from service.protocols.response import Response

SIGNATURE = Signature(
    DIGITS,
    "UINT8",
    [-1, SIZE, SIZE],
    {"probabilities": Tensor("FP32", [-1, 10], "TYPE_FP32"), "label": Tensor("INT64", [-1], "TYPE_INT64")},
    classified="probabilities",
)
DTYPES: dict[str, np.dtype[Any]] = {"UINT8": np.dtype(np.uint8), "FP32": np.dtype("<f4")}
BLANK_LABEL = -1
"""Label of an image without ink."""


def parse(request: Request, config: Config) -> ParsedRequest:
    """Parse an inference request.

    Raises:
        RequestError: the model cannot answer it.
    """
    inference = inference_request.parse(request, SIGNATURE)
    datatype, shape = inference.datatype, inference.shape
    if datatype == "BYTES":
        return tensors.of_files(inference_request.files(inference), inference.options, config)
    if not isinstance(datatype, str) or datatype not in DTYPES:
        raise inference_request.unusable(f"input '{INPUT}' has datatype {datatype}; send UINT8, FP32 or BYTES")
    if len(shape) != 3 or shape[1:] != [SIZE, SIZE]:
        raise inference_request.unusable(
            f"unexpected shape for input '{INPUT}' for model 'digits'. Expected [-1,28,28], got {shape}"
        )
    json_fields.check_count(shape[0], config.max_items)
    return tensors.of_pixels(_pixels(inference, DTYPES[datatype]), inference.options, config)


def write(form: ResponseFormat, answers: Answers, request: Request) -> Response:
    """Write an inference response."""
    options: Options = form.options
    predictions = answers.predictions
    return inference_response.write(answers.name, answers.version, options, lambda output: _output(output, predictions))


INFER = Endpoint("/v2/models/<name>/infer", DIGITS, target, unknown, parse, write)


def _pixels(inference: Inference, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the input, whether its data came as bytes, nested or flat."""
    shape = inference.shape
    try:
        if inference.data is not None:
            return np.frombuffer(inference.data, dtype).reshape(shape)
        values = inference_request.values(inference.tensor)
        return json_fields.numbers(values, tuple(json_fields.outline(values))).reshape(shape)
    except (ValueError, UnusableInput) as error:
        raise inference_request.unusable(f"the data of input '{INPUT}' is not of shape {shape}: {error}") from None


def _output(output: Output, predictions: list[Prediction]) -> tuple[dict[str, Any], Values]:
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
