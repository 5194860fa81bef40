"""How each server wants to be asked and how it answers: PNG -> request body, response body -> digit."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """One server's dialect.

    Attributes:
        path: to POST to.
        content_type: of the body.
        encode: PNG file -> body.
        digit: body of a 200 -> the digit it names.
    """

    path: str
    content_type: str
    encode: Callable[[bytes], bytes]
    digit: Callable[[bytes], int]


BOUNDARY = "digits-benchmark"


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


PNG = Protocol("/predict", "image/png", lambda png: png, lambda body: json.loads(body)["digit"])
BASE64 = Protocol("/predict", "application/json", _base64_document, lambda body: json.loads(body)["digit"])
FORM = Protocol(
    "/predict", f"multipart/form-data; boundary={BOUNDARY}", _form, lambda body: json.loads(body)[0]["digit"]
)
OPEN_INFERENCE = Protocol("/v2/models/digits/infer", "application/json", _inference_request, _digit_of_tensor)
