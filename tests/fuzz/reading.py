"""Bytes as the service would read them, and what must be so whatever they are."""

from __future__ import annotations

import struct

import numpy as np
from service.images.items import Item
from service.protocols.opening import open_call

from models.arrays import Digit
from models.errors import BlankDrawing, RequestError
from models.preprocessing.canonicalize import canonicalize, steps
from models.preprocessing.mnist_geometry import SIZE
from models.preprocessing.polarity import find_ink
from service.config import Config
from service.errors import Answer, refusal
from service.protocols import correction
from service.protocols.registry import find
from service.protocols.request import Call

RAW = b"raw"
"""Grey levels begin with it, then their width in 2 bytes: a way to the canonicalization past the decoders."""
WIDEST = 4096
"""Pixels."""
MOST_RAW = 8
"""28x28s that are read of one input: more would cost time and show nothing."""
DOCUMENTS = ("/predict", "/v2/models/digits/infer", "/v1/models/digits:predict", "/v1/models/digits:classify")
CONFIG = Config()


def read(data: bytes) -> list[Item]:
    """Read bytes in every way that their beginning invites.

    Returns:
        What became of each image: a digit, or an error that the service declares.

    Raises:
        AssertionError: a digit is none, or an error has no answer.
        Exception: any other would be the service's failure.
    """
    if data.startswith(RAW):
        return _drawn(data[len(RAW) :])
    if data.startswith(b"{"):
        return [item for path in DOCUMENTS for item in _opened(path, "application/json", data)] + _corrected(data)
    if data.startswith(b"--"):
        boundary = data[2:].split(b"\r\n", 1)[0].decode("latin-1")
        return _opened("/predict", f'multipart/form-data; boundary="{boundary}"', data)
    return _explained(data)


def _opened(path: str, content_type: str, body: bytes) -> list[Item]:
    endpoint = find(path)
    assert endpoint is not None
    try:
        items = list(endpoint.open(Call(content_type, {}, body, "id", path), CONFIG).read().items)
    except RequestError as error:
        items = [error]
    for item in items:
        if isinstance(item, RequestError):
            _check_told(endpoint.refuse(item, "id"))
        elif not isinstance(item, BlankDrawing):
            _check(item)
    return items


def _drawn(data: bytes) -> list[Item]:
    """Grey levels, as an image and as a body of 28x28s."""
    width = 1 + struct.unpack("<H", data[:2].ljust(2, b"\0"))[0] % WIDEST
    levels = np.frombuffer(data[2:], np.uint8)
    grey = levels[: len(levels) // width * width].reshape(-1, width)
    digits = min(len(levels) // SIZE**2, MOST_RAW)
    items = _opened("/predict", "application/octet-stream", data[2 : 2 + digits * SIZE**2])
    if not grey.size:
        return items
    try:
        digit = canonicalize(find_ink(grey))
    except BlankDrawing as error:
        return [*items, error]
    _check(digit)
    return [*items, digit]


def _corrected(data: bytes) -> list[Item]:
    try:
        kept = correction.read(data, "application/json", CONFIG)
    except RequestError as error:
        _check_told(refusal(error, "id"))
        return [error]
    return _opened("/predict", "image/png", kept.png)


def _explained(data: bytes) -> list[Item]:
    """An image, with the steps that are shown: they end in the digit that is read."""
    try:
        opened = open_call(Call("image/*", {"explain": "1"}, data, "id"), CONFIG)
        reading = opened.read()
    except RequestError as error:
        _check_told(refusal(error, "id"))
        return [error]
    assert opened.explained is not None
    for digit in reading.digits:
        _check(digit)
        assert (steps(opened.explained.draw())["centered"] == digit).all()
    return list(reading.items)


def _check(digit: Digit) -> None:
    assert (digit.shape, digit.dtype) == ((SIZE, SIZE), np.uint8)


def _check_told(answer: Answer) -> None:
    status, _, body = answer
    assert 400 <= status < 500
    assert body
