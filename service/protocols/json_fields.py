"""Fields of JSON bodies: the one reader of documents, numbers, base64 and counts, for every protocol."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from itertools import chain
from typing import Any
from urllib.parse import unquote

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import MalformedRequest, RequestTooLarge, UnusableInput
from models.preprocessing.faint_ink import PALEST
from models.preprocessing.mnist_geometry import SIZE

MAX_ELEMENTS = 500_000
"""Values in one document: twice 256 times 28x28 pixels and their rows. Parsed, each takes up to 60 bytes."""
MAX_COORDINATE = 1_000_000
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BLANKS = b" \t\r\n\f"


def parse_json(body: bytes) -> Any:
    """Parse a body.

    Raises:
        MalformedRequest: it is not JSON.
        RequestTooLarge: it holds more values than any images need.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MAX_ELEMENTS:
        raise RequestTooLarge("too_many_items", f"The JSON holds over {MAX_ELEMENTS:,} values; send fewer at a time.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest("bad_json", f"The body is not valid JSON: {error}.") from error


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a body that must be a JSON object; errors are worded as those of TensorFlow Serving and Triton.

    Raises:
        MalformedRequest, RequestTooLarge: as `parse_json`, or it is no object.
    """
    try:
        document = parse_json(body)
    except MalformedRequest as error:
        raise MalformedRequest(error.code, f"JSON Parse error: {error.__cause__}") from error
    if not isinstance(document, dict):
        raise MalformedRequest("bad_document", "The JSON must be an object.")
    return document


def check_count(count: int, max_items: int) -> None:
    """Check the number of images in a request.

    Raises:
        UnusableInput: there is none.
        RequestTooLarge: there are too many.
    """
    if not count:
        raise UnusableInput("bad_pixels", "Send at least one image.")
    if count > max_items:
        raise RequestTooLarge(
            "too_many_items", f"The request holds {count:,} images; send at most {max_items} at a time."
        )


def decode_base64(value: Any) -> bytes:
    """Decode a base64 string or data URL, of either alphabet, with or without line breaks and padding.

    Raises:
        MalformedRequest: it is neither.
    """
    if not isinstance(value, str):
        raise MalformedRequest("bad_document", "An encoded image must be a base64 string, or a data URL.")
    value = value.lstrip()
    if value[:5].lower() == "data:":
        header, _, value = value.partition(",")
        if not header.lower().endswith(";base64"):
            raise MalformedRequest("bad_base64", 'The data URL must be base64: "data:image/png;base64,...".')
        value = unquote(value) if "%" in value else value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return _decode_any_base64(value)


def _decode_any_base64(text: str) -> bytes:
    """Decode what MIME, Android and JSON Web Tokens write: lines of 76 letters, no padding, - and _ for + and /."""
    try:
        plain = text.encode("ascii").translate(_URL_SAFE, _BLANKS).rstrip(b"=")
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except ValueError as error:
        why = "it is Python's bytes as text, so call decode() on them" if text.startswith(("b'", 'b"')) else error
        raise MalformedRequest("bad_base64", f"The image is not valid base64: {why}.") from error


def given(document: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are not null, since many data models write null for what they leave out."""
    return {name: value for name, value in document.items() if value is not None}


def pixels(value: Any) -> NDArray[np.uint8]:
    """Read 28 rows of 28 grey levels from 0 to 255.

    Returns:
        (28, 28) uint8, rounded.

    Raises:
        UnusableInput: the value is anything else.
    """
    return grey_levels(numbers(value, (SIZE, SIZE)))


def grey_levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Round numbers to uint8; those that all lie from 0 to 1 are first scaled to 0..255.

    Raises:
        UnusableInput: a number is not from 0 to 255, or all are so small that their range cannot be told.
    """
    if values.dtype == np.uint8:
        drawn: NDArray[np.uint8] = values
        return drawn
    if not ((values >= 0) & (values <= 255)).all():
        raise UnusableInput("bad_pixels", "Each pixel must be a number from 0 to 255, or each from 0 to 1.")
    lightest = values.max(initial=0)
    if lightest <= 1:
        values = values * 255.0
    elif lightest < PALEST and values.min() < lightest:
        detail = f"The pixels reach from {values.min():g} to {lightest:g} only; scale them to 0..255, or to 0..1."
        raise UnusableInput("bad_pixels", detail)
    levels: NDArray[np.uint8] = np.rint(values).astype(np.uint8)
    return levels


def numbers(value: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Read nested lists of numbers of a known shape.

    Args:
        value: parsed JSON.
        shape: of the array; -1 in the first place for any number.

    Raises:
        UnusableInput: the lists are of another shape, or hold anything but numbers.
    """
    level: list[Any] = [value]
    for size in shape:
        if not all(type(part) is list and size in (-1, len(part)) for part in level):
            raise _wrong_shape(value, shape)
        level = list(chain.from_iterable(level))
    if not set(map(type, level)) <= {int, float}:
        raise _wrong_shape(value, shape)
    return np.array(level, np.float64).reshape(len(value), *shape[1:])


def outline(value: Any) -> list[int]:
    """Measure nested lists by the first element of each."""
    sizes = []
    while type(value) is list:
        sizes.append(len(value))
        value = value[0] if value else None
    return sizes


def strokes(value: Any) -> list[NDArray[np.float64]]:
    """Read pen strokes, each a list of [x, y] points.

    Returns:
        (n, 2) float64 for each stroke.

    Raises:
        UnusableInput: the value is anything else, or a coordinate is too large.
    """
    return [_stroke(stroke) for stroke in (value if isinstance(value, list) else [None])]


def _stroke(value: Any) -> NDArray[np.float64]:
    points: Sequence[Any] = value if type(value) is list else [None]
    if not all(type(point) is list and len(point) == 2 for point in points):
        raise _bad_strokes()
    coordinates = list(chain.from_iterable(points))
    if not set(map(type, coordinates)) <= {int, float}:
        raise _bad_strokes()
    if not all(-MAX_COORDINATE <= coordinate <= MAX_COORDINATE for coordinate in coordinates):
        detail = f"Each coordinate must be from -{MAX_COORDINATE:,} to {MAX_COORDINATE:,}."
        raise UnusableInput("bad_strokes", detail)
    return np.array(coordinates, np.float64).reshape(-1, 2)


def _bad_strokes() -> UnusableInput:
    return UnusableInput("bad_strokes", '"strokes" must be an array of strokes, each an array of [x, y] points.')


def _wrong_shape(value: Any, shape: tuple[int, ...]) -> UnusableInput:
    expected = " x ".join("n" if size == -1 else str(size) for size in shape)
    given = " x ".join(map(str, outline(value))) or "one value"
    return UnusableInput("bad_pixels", f"The pixels must be {expected} numbers from 0 to 255, not {given}.")
