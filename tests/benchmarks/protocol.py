"""The request and response format of each server: PNG -> request body, response body -> digit."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Protocol:
    """One server's format.

    Attributes:
        path: to POST to.
        headers: of the request, but for the body's length.
        encode: PNG file -> body.
        digit: body of a 200 -> the predicted digit.
    """

    path: str
    headers: Mapping[str, str]
    encode: Callable[[bytes], bytes]
    digit: Callable[[bytes], int]


BOUNDARY = "digits-benchmark"
PIXELS = 28 * 28
TENSOR_HEAD = json.dumps(
    {
        "inputs": [
            {
                "name": "image",
                "shape": [1, 28, 28],
                "datatype": "UINT8",
                "parameters": {"binary_data_size": PIXELS},
            }
        ],
        "outputs": [{"name": "probabilities", "parameters": {"binary_data": True}}],
    }
).encode()
"""The JSON part of a request with a binary tensor; one digit's pixels follow."""


def _base64_document(png: bytes) -> bytes:
    return json.dumps({"image": base64.b64encode(png).decode()}).encode()


def _form(png: bytes) -> bytes:
    head = (
        f"--{BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="images"; filename="digit.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    return head.encode() + png + f"\r\n--{BOUNDARY}--\r\n".encode()


def _inference_request(png: bytes) -> bytes:
    tensor = {
        "name": "image",
        "shape": [1],
        "datatype": "BYTES",
        "parameters": {"content_type": "base64"},
        "data": [base64.b64encode(png).decode()],
    }
    return json.dumps({"inputs": [tensor]}).encode()


def _digit_of_tensor(body: bytes) -> int:
    probabilities = json.loads(body)["outputs"][0]["data"]
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def _tensor(png: bytes) -> bytes:
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    if pixels.shape != (28, 28):
        raise ValueError(f"must be 28x28 grey pixels, not {pixels.shape}")
    return TENSOR_HEAD + pixels.tobytes()


def _digit_of_binary_tensor(body: bytes) -> int:
    return int(np.frombuffer(body[-10 * 4 :], "<f4").argmax())


PNG = Protocol("/predict", {"Content-Type": "image/png"}, lambda png: png, lambda body: json.loads(body)["digit"])
BASE64 = Protocol(
    "/predict", {"Content-Type": "application/json"}, _base64_document, lambda body: json.loads(body)["digit"]
)
FORM = Protocol(
    "/predict",
    {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    _form,
    lambda body: json.loads(body)[0]["digit"],
)
OPEN_INFERENCE = Protocol(
    "/v2/models/digits/infer", {"Content-Type": "application/json"}, _inference_request, _digit_of_tensor
)
BINARY_TENSOR = Protocol(
    "/v2/models/digits/infer",
    {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(TENSOR_HEAD))},
    _tensor,
    _digit_of_binary_tensor,
)
"""Only for 28x28 PNGs: a client that sends a tensor has decoded and resized the image."""
