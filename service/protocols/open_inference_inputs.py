"""The input of an inference request -> images: numbers or files, in JSON or in binary."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UnusableInput
from models.preprocessing.mnist_geometry import SIZE
from service.config import Config
from service.protocols import tensors
from service.protocols.tensors import Images

INPUT = "image"
NUMBERS: dict[str, np.dtype[Any]] = {"UINT8": np.dtype(np.uint8), "FP32": np.dtype("<f4")}


def images(document: dict[str, Any], binary: bytes, asked: Any, config: Config) -> Images:
    """The images of an inference request.

    Args:
        document: the request's JSON.
        binary: what follows it.
        asked: handed on.
        config: limits.

    Raises:
        RequestError: the model cannot read them.
    """
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        count = len(inputs) if isinstance(inputs, list) else 0
        raise wrong(f"expected 1 inputs but got {count} inputs for model 'digits'")
    tensor = inputs[0]
    if tensor.get("name") != INPUT:
        raise wrong(f"unexpected inference input '{tensor.get('name')}' for model 'digits'; it is '{INPUT}'")
    datatype, shape = tensor.get("datatype"), _shape(tensor)
    data = _binary_data(tensor, binary)
    if datatype == "BYTES":
        files = _strings(data) if data is not None else [tensors.from_base64(text) for text in _flat(tensor)]
        if shape != [len(files)]:
            raise wrong(f"input '{INPUT}' of shape {shape} has {len(files)} elements")
        return tensors.of_files(files, asked, config)
    if not isinstance(datatype, str) or datatype not in NUMBERS:
        raise wrong(f"input '{INPUT}' has datatype {datatype}; send UINT8, FP32 or BYTES")
    if len(shape) != 3 or shape[1:] != [SIZE, SIZE]:
        raise wrong(f"unexpected shape for input '{INPUT}' for model 'digits'. Expected [-1,28,28], got {shape}")
    return tensors.of_pixels(_numbers(tensor, data, NUMBERS[datatype], shape), asked, config)


def parameters_of(described: dict[str, Any]) -> dict[str, Any]:
    """What an input, output or request says beyond the protocol's own."""
    parameters = described.get("parameters", {})
    if not isinstance(parameters, dict):
        raise wrong("'parameters' must be an object")
    return parameters


def wrong(detail: str) -> UnusableInput:
    """A mistake in an inference request, in Triton's words."""
    return UnusableInput("bad_inference", detail)


def _shape(tensor: dict[str, Any]) -> list[int]:
    shape = tensor.get("shape")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise wrong(f"input '{INPUT}' must have a shape of whole numbers")
    return shape


def _binary_data(tensor: dict[str, Any], binary: bytes) -> bytes | None:
    """The tensor's bytes; None if its data is in the JSON."""
    size = parameters_of(tensor).get("binary_data_size")
    if (size is None) == ("data" not in tensor):
        raise wrong(f"input '{INPUT}' must have either 'data' or 'binary_data_size'")
    if (0 if size is None else size) != len(binary):
        raise wrong(f"unexpected additional input data for model 'digits': {len(binary)} bytes, not {size or 0}")
    return None if size is None else binary


def _flat(tensor: dict[str, Any]) -> list[Any]:
    data = tensor["data"]
    if not isinstance(data, list):
        raise wrong(f"the data of input '{INPUT}' must be an array")
    return data


def _numbers(tensor: dict[str, Any], data: bytes | None, dtype: np.dtype[Any], shape: list[int]) -> NDArray[np.generic]:
    """The tensor, whether its data came as bytes, nested or flat."""
    try:
        values = np.array(_flat(tensor)) if data is None else np.frombuffer(data, dtype)
        return values.reshape(shape)
    except (ValueError, OverflowError, TypeError) as error:
        raise wrong(f"the data of input '{INPUT}' is not of shape {shape}: {error}") from None


def _strings(data: bytes) -> list[bytes]:
    """BYTES elements, each after its length in 4 bytes, little-endian."""
    strings, start = [], 0
    while start < len(data):
        end = start + 4
        if end <= len(data):
            end += struct.unpack_from("<I", data, start)[0]
        if end > len(data) or start + 4 > len(data):
            raise wrong(f"the BYTES of input '{INPUT}' are cut short")
        strings.append(data[start + 4 : end])
        start = end
    return strings
