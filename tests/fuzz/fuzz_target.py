"""Read bytes as the service would, and check what must hold for any input."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit
from models.errors import BlankDrawing, RequestError
from models.preprocessing.canonicalize import canonicalize, steps
from models.preprocessing.mnist_geometry import SIZE
from models.preprocessing.polarity import find_ink
from service.config import Config
from service.images.canonical_digits import CanonicalDigits, DigitOrError
from service.protocols import correction
from service.protocols.registry import find, shapes
from service.protocols.request import Request
from service.protocols.response import Response, refusal
from service.sandbox import page_message

RAW = b"raw"
"""Marks grey levels, after their width in 2 bytes: they reach the canonicalization without a decoder."""
MAX_WIDTH = 4096
"""Pixels of a row of grey levels."""
MAX_RAW_DIGITS = 8
"""28x28 images read from one input; more would take longer and find nothing more."""
JSON_PATHS = ("/predict", "/v2/models/digits/infer", "/v1/models/digits:predict", "/v1/models/digits:classify")
CONFIG = Config()


def read(data: bytes) -> list[DigitOrError]:
    """Read bytes in every way that their beginning suggests.

    Returns:
        For each image the digit, or an error that the service declares.

    Raises:
        AssertionError: a digit has another shape or dtype, or an error has no response.
        Exception: a bug of the service.
    """
    if data.startswith(RAW):
        return _read_grey_levels(data[len(RAW) :])
    if data.startswith(b"{"):
        results = [result for path in JSON_PATHS for result in _read_body(path, "application/json", data)]
        return results + _read_correction(data)
    if data.startswith(b"--"):
        boundary = data[2:].split(b"\r\n", 1)[0].decode("latin-1")
        return _read_body("/predict", f'multipart/form-data; boundary="{boundary}"', data)
    return _read_image(data)


def grey_levels(data: bytes) -> NDArray[np.uint8]:
    """Return the (h, w) grey levels in data that begins with their width."""
    width = 1 + struct.unpack("<H", data[:2].ljust(2, b"\0"))[0] % MAX_WIDTH
    levels = np.frombuffer(data[2:], np.uint8)
    return levels[: len(levels) // width * width].reshape(-1, width)


def _read_body(path: str, content_type: str, body: bytes) -> list[DigitOrError]:
    return list(_canonicalize(path, content_type, body).results)


def _canonicalize(path: str, content_type: str, body: bytes, query: bytes = b"") -> CanonicalDigits:
    endpoint = find(path)
    assert endpoint is not None
    headers = {b"content-type": content_type.encode("latin-1")}
    request = Request(method="POST", path=path, query_string=query, headers=headers, body=body)
    try:
        canonical = endpoint.parse(request, CONFIG).images.canonicalize()
    except RequestError as error:
        canonical = CanonicalDigits([error])
    for result in canonical.results:
        if isinstance(result, RequestError):
            _check_refusal(shapes(path).refuse(result, "id"))
        elif not isinstance(result, BlankDrawing):
            _check_digit(result)
    return canonical


def _read_grey_levels(data: bytes) -> list[DigitOrError]:
    """Read grey levels as a drawing, and as a body of 28x28 images."""
    grey = grey_levels(data)
    digits = min((len(data) - 2) // SIZE**2, MAX_RAW_DIGITS)
    results = _read_body("/predict", "application/octet-stream", data[2 : 2 + digits * SIZE**2])
    if not grey.size:
        return results
    try:
        digit = canonicalize(find_ink(grey))
    except BlankDrawing as error:
        return [*results, error]
    _check_digit(digit)
    return [*results, digit]


def _read_correction(data: bytes) -> list[DigitOrError]:
    try:
        kept = correction.parse(data, "application/json", CONFIG)
    except RequestError as error:
        _check_refusal(refusal(error, "id"))
        return [error]
    return _read_body("/predict", "image/png", kept.png)


def _read_image(data: bytes) -> list[DigitOrError]:
    """Read an image, also as a page, and check that the steps of its explanation end in the digit."""
    for query in (b"", b"grid=3x3"):
        _lay_out(data, query)
    canonical = _canonicalize("/predict", "image/*", data, b"explain=1")
    for digit in canonical.digits:
        assert canonical.drawing is not None
        assert (steps(canonical.drawing)["centered"] == digit).all()
    return list(canonical.results)


def _lay_out(data: bytes, query: bytes) -> None:
    """Find the lines of a page, or its boxes, and pass them on as a process does to its worker."""
    endpoint = find("/read")
    assert endpoint is not None
    headers = {b"content-type": b"image/*"}
    request = Request(method="POST", path="/read", query_string=query, headers=headers, body=data)
    try:
        images, form = endpoint.parse(request, CONFIG)
        results = images.lay_out(form.grid).results
        found = list(page_message.read(*page_message.write(results)))
    except RequestError as error:
        _check_refusal(refusal(error, "id"))
        return
    assert len(found) == len(results)


def _check_digit(digit: Digit) -> None:
    assert (digit.shape, digit.dtype) == ((SIZE, SIZE), np.uint8)


def _check_refusal(response: Response) -> None:
    assert 400 <= response.status < 500
    assert response.body
