"""An inference response: outputs whose values are JSON, or follow it as bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import numpy as np
import orjson

from service.protocols.open_inference.signature import HEADER_LENGTH, Options, Output, Values
from service.protocols.response import JSON, Response


def write(
    model: str, version: int, options: Options, output: Callable[[Output], tuple[dict[str, Any], Values]]
) -> Response:
    """Write an inference response.

    Args:
        model: its name.
        version: of the model.
        options: of the request.
        output: describes an output, and returns its values.
    """
    outputs, chunks = [], []
    for asked in options["outputs"]:
        described, of_output = output(asked)
        if asked["binary"]:
            chunks.append(_to_bytes(of_output))
            described["parameters"] = {"binary_data_size": len(chunks[-1])}
        else:
            described["data"] = of_output.ravel().tolist() if isinstance(of_output, np.ndarray) else of_output
        outputs.append(described)
    document: dict[str, Any] = {"model_name": model, "model_version": str(version)}
    if options["id"] is not None:
        document["id"] = options["id"]
    head = orjson.dumps(document | {"outputs": outputs})
    if not chunks:
        return Response(HTTPStatus.OK, JSON, head)
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return Response(HTTPStatus.OK, headers, b"".join((head, *chunks)))


def _to_bytes(values: Values) -> bytes:
    if isinstance(values, np.ndarray):
        return values.tobytes()
    return b"".join(struct.pack("<I", len(text)) + text.encode() for text in values)
