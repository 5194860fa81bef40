"""An inference request: one input whose data is JSON or follows it as bytes, and the outputs that are asked for."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from models.errors import MalformedRequest, UnusableInput
from service.protocols import json_fields
from service.protocols.open_inference.signature import HEADER_LENGTH, INPUT, Options, Output, Signature
from service.protocols.request import Request

LONGEST_ID = 1024
"""Characters of an id, which the response repeats."""
MOST_OUTPUTS = 16


class Inference(NamedTuple):
    """An inference request, apart from what its model makes of the input.

    Attributes:
        options: what the response must hold.
        tensor: the input as JSON.
        data: its bytes; None if its data is in the JSON.
        shape: of the input.
    """

    options: Options
    tensor: dict[str, Any]
    data: bytes | None
    shape: list[int]

    @property
    def datatype(self) -> Any:
        """Return the datatype that the input claims."""
        return self.tensor.get("datatype")


def parse(request: Request, signature: Signature) -> Inference:
    """Parse an inference request.

    Raises:
        RequestError: it is no request for this model.
    """
    document, binary = _split(request)
    options = _options(document, signature)
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        count = len(inputs) if isinstance(inputs, list) else 0
        raise unusable(f"expected 1 inputs but got {count} inputs for model '{signature.model}'")
    tensor = inputs[0]
    if tensor.get("name") != INPUT:
        raise unusable(
            f"unexpected inference input '{tensor.get('name')}' for model '{signature.model}'; it is '{INPUT}'"
        )
    shape = _shape(tensor)
    return Inference(options, tensor, _binary_data(tensor, binary, signature), shape)


def files(inference: Inference) -> list[bytes]:
    """Take the encoded images out of an input of BYTES.

    Raises:
        RequestError: they are cut short, no base64, or not as many as the shape says.
    """
    data = inference.data
    found = _split_bytes(data) if data is not None else list(map(json_fields.decode_base64, values(inference.tensor)))
    if inference.shape != [len(found)]:
        raise unusable(f"input '{INPUT}' of shape {inference.shape} has {len(found)} elements")
    return found


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


def _options(document: dict[str, Any], signature: Signature) -> Options:
    identity = document.get("id")
    if identity is not None and not (isinstance(identity, str) and len(identity) <= LONGEST_ID):
        raise unusable(f"'id' must be a string of at most {LONGEST_ID} characters")
    binary = _parameters(document).get("binary_data_output", False) is True
    requested = document.get("outputs")
    if not requested:
        return Options(id=identity, outputs=[Output(name=name, binary=binary, classes=0) for name in signature.outputs])
    if isinstance(requested, list) and len(requested) > MOST_OUTPUTS:
        raise unusable(f"{len(requested)} outputs are requested; ask for at most {MOST_OUTPUTS}")
    outputs = []
    for output in requested if isinstance(requested, list) else [None]:
        name = output.get("name") if isinstance(output, dict) else output
        if not isinstance(output, dict) or not isinstance(name, str) or name not in signature.outputs:
            raise unusable(
                f"unexpected inference output '{name}' for model '{signature.model}'; "
                f"there are {', '.join(signature.outputs)}"
            )
        parameters = _parameters(output)
        classes = parameters.get("classification", 0)
        if type(classes) is not int or classes < 0 or (classes and name != signature.classified):
            of = f"of '{signature.classified}' alone" if signature.classified else "of other models' outputs"
            raise unusable(f"'classification' of output '{name}' must be a number of classes, {of}")
        as_bytes = parameters.get("binary_data", binary) is True
        outputs.append(Output(name=name, binary=as_bytes, classes=min(classes, 10)))
    return Options(id=identity, outputs=outputs)


def _parameters(described: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of an input, an output or a request."""
    parameters = described.get("parameters")
    if not isinstance(parameters, dict | None):
        raise unusable("'parameters' must be an object")
    return json_fields.given(parameters or {})


def unusable(detail: str) -> UnusableInput:
    """Refuse an inference."""
    return UnusableInput("bad_inference", detail)


def _shape(tensor: dict[str, Any]) -> list[int]:
    shape = tensor.get("shape")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise unusable(f"input '{INPUT}' must have a shape of whole numbers")
    return shape


def _binary_data(tensor: dict[str, Any], binary: bytes, signature: Signature) -> bytes | None:
    """Return the tensor's bytes; None if its data is in the JSON."""
    size = _parameters(tensor).get("binary_data_size")
    if (size is None) == (tensor.get("data") is None):
        raise unusable(f"input '{INPUT}' must have either 'data' or 'binary_data_size'")
    if (0 if size is None else size) != len(binary):
        raise unusable(
            f"unexpected additional input data for model '{signature.model}': {len(binary)} bytes, not {size or 0}"
        )
    return None if size is None else binary


def values(tensor: dict[str, Any]) -> list[Any]:
    """Return the values of an input whose data is in the JSON.

    Raises:
        UnusableInput: they are no array.
    """
    data = tensor["data"]
    if not isinstance(data, list):
        raise unusable(f"the data of input '{INPUT}' must be an array")
    return data


def _split_bytes(data: bytes) -> list[bytes]:
    """Split BYTES elements, each of which follows its length in 4 bytes, little-endian."""
    elements, start = [], 0
    while start < len(data):
        end = start + 4
        if end <= len(data):
            end += struct.unpack_from("<I", data, start)[0]
        if end > len(data) or start + 4 > len(data):
            raise unusable(f"the BYTES of input '{INPUT}' are cut short")
        elements.append(data[start + 4 : end])
        start = end
    return elements
