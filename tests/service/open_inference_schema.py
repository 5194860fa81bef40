"""Check responses against the OpenAPI description of the Open Inference Protocol.

open-inference.json is that description (Apache-2.0), from the PyPI package mlserver 1.7.1.
"""

from __future__ import annotations

import copy
import json
import re
import struct
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np

DESCRIPTION = json.loads(Path(__file__).with_name("open-inference.json").read_bytes())
VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "bytes", lambda _, value: isinstance(value, bytes)
    ),
)
"""The description uses a type that JSON Schema does not have, bytes."""
DTYPES = {"FP32": "<f4", "INT64": "<i8"}
STATISTICS = "/v2/models/stats"
"""Path of an extension, which looks like that of a model named stats."""
HEADER_LENGTH = "Inference-Header-Content-Length"


def check(name: str, value: Any) -> None:
    """Check a value against one of the schemas.

    Raises:
        ValidationError: the value does not match.
    """
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    VALIDATOR(schema).validate(value)


def check_response(method: str, path: str, status: int, headers: Any, body: bytes) -> None:
    """Check a response of `/v2` against the schemas of its path; errors of Triton's extensions have the same shape.

    Raises:
        ValidationError: the response does not match.
    """
    if status != 200:
        error = json.loads(body)
        assert list(error) == ["error"], "an error must have a message, which the description does not require"
        check("MetadataModelErrorResponse", error)
        return
    length = int(headers.get(HEADER_LENGTH, len(body)))
    document = json.loads(body[:length])
    for name in _schemas(method, path, status):
        check(name, with_inline_tensors(document, body[length:]) if name == "InferenceResponse" else document)


def with_inline_tensors(response: dict[str, Any], binary: bytes) -> dict[str, Any]:
    """Move the binary tensors of an inference response into its JSON, flat, as the description requires."""
    response = copy.deepcopy(response)
    for output in response["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size")
        if size is not None:
            chunk, binary = binary[:size], binary[size:]
            assert len(chunk) == size, "the tensors are cut short"
            output["data"] = _values(output["datatype"], chunk)
        assert np.size(output["data"]) == np.prod(output["shape"])
    assert not binary, "bytes follow the tensors"
    return response


def _values(datatype: str, chunk: bytes) -> list[Any]:
    if datatype != "BYTES":
        values: list[Any] = np.frombuffer(chunk, DTYPES[datatype]).tolist()
        return values
    strings = []
    while chunk:
        (size,) = struct.unpack_from("<I", chunk)
        strings.append(chunk[4 : 4 + size].decode())
        chunk = chunk[4 + size :]
    return strings


def _schemas(method: str, path: str, status: int) -> list[str]:
    """Name the schemas of a response's JSON; empty if the description has none."""
    if path == STATISTICS:
        return []
    for rule, operations in DESCRIPTION["paths"].items():
        if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", rule), path):
            content = operations[method.lower()]["responses"][str(status)].get("content", {})
            return [media["schema"]["$ref"].rpartition("/")[2] for media in content.values()]
    return []
