"""Every way in which an input can be sent to the service."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import cv2
import numpy as np

from models.preprocessing.mnist_geometry import SIZE
from tests.fuzz.fuzz_target import JSON_PATHS, RAW, grey_levels

INFER = "/v2/models/digits/infer"
HEADER_LENGTH = "Inference-Header-Content-Length"
CODINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": bytes}
"""Content codings; the last is one that the service does not read."""
CODED = 0.25
"""Share of requests that are sent with a Content-Encoding."""
MISLABELLED = 0.1
"""Share of those that are not encoded as they say."""


class Call(NamedTuple):
    """A POST."""

    path: str
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"POST {self.path} {self.headers}, {len(self.body)} bytes"


def calls(data: bytes, random: Random) -> Iterator[Call]:
    """Yield each request that an input makes, by every route that its beginning suggests.

    Args:
        data: the input, as fuzz_target.read takes it.
        random: chooses what is compressed.
    """
    for call in _calls(data, random):
        if random.random() < CODED:
            coding = random.choice(list(CODINGS))
            body = call.body if random.random() < MISLABELLED else CODINGS[coding](call.body)
            yield Call(call.path, call.headers | {"Content-Encoding": coding}, body)
        else:
            yield call


def _calls(data: bytes, random: Random) -> Iterator[Call]:
    if data.startswith(b"{"):
        yield from (_json(path, data) for path in (*JSON_PATHS, "/read", "/corrections"))
        at = random.randrange(len(data))
        yield _infer(data[:at], data[at:])
    elif data.startswith(b"--"):
        boundary = data[2:].split(b"\r\n", 1)[0].decode("latin-1")
        if boundary.isprintable():
            yield Call("/predict", {"Content-Type": f'multipart/form-data; boundary="{boundary}"'}, data)
    elif data.startswith(RAW):
        levels = grey_levels(data[len(RAW) :])
        yield from _pixels(data[len(RAW) + 2 :])
        if levels.size:
            yield from _images(cv2.imencode(".png", levels)[1].tobytes())
    else:
        yield from _images(data)


def _images(image: bytes) -> Iterator[Call]:
    """Send an image file by every route."""
    encoded = base64.b64encode(image).decode()
    yield Call("/predict", {"Content-Type": "image/*"}, image)
    yield Call("/predict?explain=1&canonical=1", {"Content-Type": "image/*"}, image)
    yield Call("/read", {"Content-Type": "image/*"}, image)
    yield Call("/read?grid=9x9", {"Content-Type": "image/*"}, image)
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + image + b"\r\n"
    yield Call("/predict", {"Content-Type": "multipart/form-data; boundary=x"}, part * 2 + b"--x--\r\n")
    yield _json("/predict", {"images": [{"image": encoded}, encoded]})
    yield _json("/v1/models/digits:predict", {"instances": [{"b64": encoded}]})
    yield _json("/v1/models/digits:classify", {"examples": [{"image": {"b64": encoded}}]})
    yield _json("/corrections", {"label": 7, "image": encoded})
    yield _json(INFER, {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": [encoded]}]})
    yield _tensor("BYTES", [1], struct.pack("<I", len(image)) + image)


def _pixels(data: bytes) -> Iterator[Call]:
    """Send pixels by every route."""
    for datatype, size in (("UINT8", 1), ("FP32", 4)):
        count = max(len(data) // (size * SIZE * SIZE), 1)
        yield _tensor(datatype, [count, SIZE, SIZE], data[: count * size * SIZE * SIZE])
    yield Call("/predict", {"Content-Type": "application/octet-stream"}, data)
    square = np.frombuffer(data.ljust(SIZE * SIZE, b"\0"), np.uint8, SIZE * SIZE).reshape(SIZE, SIZE).tolist()
    yield _json("/predict", {"pixels": square})
    yield _json("/v1/models/digits:predict", {"instances": [square]})


def _tensor(datatype: str, shape: list[int], binary: bytes) -> Call:
    parameters = {"binary_data_size": len(binary)}
    head = {"inputs": [{"name": "image", "datatype": datatype, "shape": shape, "parameters": parameters}]}
    return _infer(json.dumps(head).encode(), binary)


def _infer(head: bytes, binary: bytes) -> Call:
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return Call(INFER, headers, head + binary)


def _json(path: str, document: bytes | dict[str, Any]) -> Call:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Call(path, {"Content-Type": "application/json"}, body)
