"""The images of /v1 and /v2: all pixels, or all encoded files, each of which must be readable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UnusableInput
from models.preprocessing.mnist_geometry import SIZE
from service.config import Config
from service.images.canonical_digits import Images
from service.images.image import encoded
from service.images.raw_pixels import RawPixels
from service.protocols import json_fields
from service.protocols.request import ParsedRequest, ResponseFormat


def of_pixels(values: NDArray[Any], options: Any, config: Config) -> ParsedRequest:
    """Take grey levels from 0 to 255, dark on light or light on dark.

    Args:
        values: (n, 28, 28) numbers of any type.
        options: what the protocol needs to write the response.
        config: its `max_items`.

    Raises:
        RequestError: there are none or too many, or a value is out of range.
    """
    json_fields.check_count(len(values), config.max_items)
    drawings: NDArray[np.uint8] = json_fields.grey_levels(values)
    return ParsedRequest(RawPixels(drawings), ResponseFormat(batch=True, strict=True, options=options))


def of_lists(values: list[Any], options: Any, config: Config) -> ParsedRequest:
    """Take nested lists of grey levels; the other arguments are those of `of_pixels`.

    Raises:
        RequestError: as `of_pixels`, or the lists are not n x 28 x 28 numbers.
    """
    try:
        numbers = json_fields.numbers(values, (-1, SIZE, SIZE))
    except UnusableInput:
        raise UnusableInput("bad_pixels", _complaint(values)) from None
    return of_pixels(numbers, options, config)


def of_files(files: Sequence[bytes], options: Any, config: Config) -> ParsedRequest:
    """Take encoded images of any format that is read; the other arguments are those of `of_pixels`.

    Raises:
        RequestError: there are none or too many.
    """
    json_fields.check_count(len(files), config.max_items)
    images = Images([encoded(file, config.max_pixels) for file in files])
    return ParsedRequest(images, ResponseFormat(batch=True, strict=True, options=options))


def _complaint(values: list[Any]) -> str:
    """Say in TensorFlow Serving's words why lists are not n x 28 x 28 numbers."""
    outlines = {tuple(json_fields.outline(value)) for value in values}
    if len(outlines) > 1 or outlines == {(SIZE, SIZE)}:
        return "the lists are ragged, or hold other values than numbers; send [n, 28, 28] numbers"
    return f"expected shape [-1,28,28], got {json_fields.outline(values)}"
