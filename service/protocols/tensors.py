"""Images as other protocols send them, tensors or encoded files, -> digits."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import MalformedRequest, RequestError, RequestTooLarge, UnusableInput
from models.preprocessing.mnist_geometry import SIZE
from service.config import Config
from service.images import items, raw_pixels
from service.images.image import Source, encoded
from service.protocols.json_documents import MAX_ELEMENTS
from service.protocols.opening import Opened, Reading


@dataclass
class Found(Reading):
    """Images, and what else was asked."""

    asked: Any


@dataclass
class Images(Opened):
    """Images of which each must be readable: these protocols have no place for one that is not."""

    asked: Any  # what the endpoint needs to know when it writes the answer

    def read(self) -> Found:
        """Find the digits.

        Raises:
            RequestError: one of the images cannot be read.
        """
        reading = super().read()
        for n, item in enumerate(reading.items):
            if isinstance(item, RequestError):
                raise type(item)(item.code, f"image {n}: {item.detail}")
        return Found(reading.items, True, False, None, reading.timing, self.asked)


def parse_json(body: bytes) -> dict[str, Any]:
    """A document that is an object, of a bounded number of values.

    Raises:
        MalformedRequest: it is none.
        RequestTooLarge: more values than any images need.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MAX_ELEMENTS:
        raise RequestTooLarge("too_many_items", f"the JSON holds over {MAX_ELEMENTS:,} values; send fewer at a time")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest("bad_json", f"JSON Parse error: {error}") from error
    if not isinstance(document, dict):
        raise MalformedRequest("bad_document", "the JSON must be an object")
    return document


def of_pixels(values: NDArray[Any], asked: Any, config: Config) -> Images:
    """Grey levels from 0 to 255, dark on light or light on dark.

    Args:
        values: (n, 28, 28), of any number's type.
        asked: handed on.
        config: its `max_items`.

    Raises:
        RequestTooLarge: too many.
        UnusableInput: a value out of range.
    """
    _check_count(len(values), config)
    if values.dtype != np.uint8:
        if values.dtype.kind not in "iuf" or not ((values >= 0) & (values <= 255)).all():
            raise UnusableInput("bad_pixels", "each pixel must be a number from 0 to 255")
        values = np.rint(values).astype(np.uint8)
    return Images(partial(items.redraw, values), raw_pixels.are_light(values), True, False, None, asked)


def of_files(files: Sequence[bytes], asked: Any, config: Config) -> Images:
    """Encoded images.

    Args:
        files: each PNG, JPEG, WebP, GIF, BMP or TIFF.
        asked: handed on.
        config: its limits.

    Raises:
        RequestTooLarge: too many.
    """
    _check_count(len(files), config)
    sources: list[Source] = [encoded(file, config.max_pixels) for file in files]
    light = len(sources) == 1 and sources[0].light
    return Images(partial(items.draw, sources), light, True, False, None, asked)


def array(values: Any) -> NDArray[Any]:
    """The (n, 28, 28) array that nested lists make.

    Raises:
        UnusableInput: they make another, or none.
    """
    try:
        made = np.array(values)
    except ValueError:
        raise UnusableInput("bad_pixels", "the lists are ragged; send [n, 28, 28] numbers") from None
    if made.ndim != 3 or made.shape[1:] != (SIZE, SIZE):
        raise UnusableInput("bad_pixels", f"expected shape [-1,28,28], got {list(made.shape)}")
    return made


def from_base64(text: Any) -> bytes:
    """The bytes of a base64 string.

    Raises:
        MalformedRequest: it is none.
    """
    if not isinstance(text, str):
        raise MalformedRequest("bad_base64", "an encoded image must be a base64 string")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedRequest("bad_base64", f"not valid base64: {error}") from error


def _check_count(count: int, config: Config) -> None:
    if not count:
        raise UnusableInput("bad_pixels", "send at least one image")
    if count > config.max_items:
        raise RequestTooLarge("too_many_items", f"{count:,} images; send at most {config.max_items} at a time")
