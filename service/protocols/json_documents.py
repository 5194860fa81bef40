"""A JSON document -> the images in it: encoded images, pixels or strokes, one or a batch."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import MalformedRequest, RequestTooLarge, UnusableInput
from models.preprocessing import rasterize
from models.preprocessing.mnist_geometry import SIZE
from models.preprocessing.polarity import Drawing, find_ink
from service.config import Config
from service.images.decode import decode
from service.images.image import Source, is_light

MAX_ELEMENTS = 500_000
"""Values in one document: 256 times 28x28 pixels and their rows, twice over. Parsed, each takes up to 60 bytes."""
MAX_COORDINATE = 1_000_000


def sources(body: bytes, config: Config) -> tuple[list[Source], bool]:
    """The images of a document, and whether they are a batch.

    Raises:
        MalformedRequest: not JSON, or not one of the forms.
        RequestTooLarge: more values than any drawing needs.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MAX_ELEMENTS:
        raise RequestTooLarge("too_many_items", f"The JSON holds over {MAX_ELEMENTS:,} values; send fewer at a time.")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest("bad_json", f"The body is not valid JSON: {error}.") from error
    if isinstance(document, dict) and document.keys() == {"images"}:
        images = document["images"]
        if not isinstance(images, list) or not images:
            raise MalformedRequest("bad_document", '"images" must be an array of at least one image.')
        return [_source(image, config) for image in images], True
    return [_source(document, config)], False


def _source(item: Any, config: Config) -> Source:
    image = item.get("image") if isinstance(item, dict) else item
    light = not isinstance(image, str) or is_light(_first_bytes(image))
    return Source(partial(_drawing, item, config), light)


def _first_bytes(image: str) -> bytes:
    """What an encoded image begins with; nothing if it is not base64."""
    start = image.find(",") + 1 if image.startswith("data:") else 0
    try:
        return base64.b64decode(image[start : start + 44])
    except ValueError:
        return b""


def _drawing(item: Any, config: Config) -> Drawing:
    if isinstance(item, str):
        item = {"image": item}
    if not isinstance(item, dict) or len(item) != 1 or not item.keys() <= {"image", "pixels", "strokes"}:
        raise MalformedRequest(
            "bad_document",
            'The JSON must be an object with one key, "image", "pixels" or "strokes", or {"images": [...]} of such.',
        )
    ((kind, value),) = item.items()
    if kind == "image":
        return decode(encoded_image(value), config.max_pixels)
    return find_ink(_pixels(value)) if kind == "pixels" else rasterize.draw(paths(value))


def encoded_image(value: Any) -> bytes:
    """The bytes of a base64 string or data URL.

    Raises:
        MalformedRequest: it is neither.
    """
    if not isinstance(value, str):
        raise MalformedRequest("bad_document", '"image" must be a string: base64, or a data URL.')
    if value.startswith("data:"):
        header, _, value = value.partition(",")
        if not header.endswith(";base64"):
            raise MalformedRequest("bad_base64", 'The data URL must be base64: "data:image/png;base64,...".')
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedRequest("bad_base64", f"The image is not valid base64: {error}.") from error


def _pixels(value: Any) -> Drawing:
    pixels = _numbers(value)
    if pixels is None:
        raise UnusableInput("bad_pixels", '"pixels" must be 28 rows of 28 numbers from 0 to 255.')
    if pixels.shape != (SIZE, SIZE):
        shape = " x ".join(map(str, pixels.shape)) or "one number"
        raise UnusableInput("bad_pixels", f'"pixels" must be 28 rows of 28 numbers, not {shape}.')
    if not ((pixels >= 0) & (pixels <= 255)).all():
        raise UnusableInput("bad_pixels", 'Each of "pixels" must be from 0 (paper) to 255 (ink).')
    return np.rint(pixels).astype(np.uint8)


def paths(value: Any) -> list[NDArray[np.float64]]:
    """The strokes that nested lists of numbers make, each (n, 2) float64.

    Raises:
        UnusableInput: they make none.
    """
    found = []
    for stroke in value if isinstance(value, list) else [None]:
        path = _numbers(stroke)
        if path is None or path.ndim != 2 or path.shape[1] != 2:
            raise UnusableInput("bad_strokes", '"strokes" must be an array of strokes, each an array of [x, y] points.')
        if not (np.abs(path) <= MAX_COORDINATE).all():
            raise UnusableInput(
                "bad_strokes", f"Each coordinate must be from -{MAX_COORDINATE:,} to {MAX_COORDINATE:,}."
            )
        found.append(path)
    return found


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """The array that nested lists of numbers make; None if they are ragged or hold anything else."""
    try:
        array = np.array(value)
    except ValueError:
        return None
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None
