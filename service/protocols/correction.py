"""`POST /corrections`: a drawing and what it really was."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import orjson

from models.errors import MalformedRequest, RequestTooLarge, UnsupportedMedia, UnusableInput
from models.preprocessing.polarity import Drawing
from models.registry.corrections import Correction
from service.config import Config
from service.images.decode import decode
from service.protocols.json_documents import encoded_image, paths

KEYS = {"label", "image", "strokes", "said", "model"}
LONGEST_SIDE = 512
"""Pixels of what is kept; a larger picture is averaged down."""
MOST_POINTS = 20_000


def read(body: bytes, content_type: str, config: Config) -> Correction:
    """The correction in a request.

    Only what it is made of is kept: grey ink, without the place, the time and the camera that a photo tells of.

    Raises:
        RequestError: there is none in it.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMedia("unsupported_media_type", "A correction is JSON; send application/json.")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest("bad_json", f"The body is not valid JSON: {error}.") from error
    if not isinstance(document, dict) or not {"label", "image"} <= document.keys() <= KEYS:
        raise MalformedRequest(
            "bad_document",
            'A correction is an object with "label" and "image", and perhaps "strokes", "said" and "model".',
        )
    model = document.get("model", "")
    if not isinstance(model, str) or len(model) > 80:
        raise UnusableInput("bad_model", '"model" must be a string of at most 80 characters, such as "digits 1".')
    return Correction(
        label=_digit(document["label"], "label"),
        png=_png(decode(encoded_image(document["image"]), config.max_pixels)),
        strokes=_strokes(document.get("strokes", [])),
        said=_digit(document.get("said"), "said"),
        model=model,
    )


def _digit(value: Any, name: str) -> int | None:
    if value is None or (type(value) is int and 0 <= value <= 9):
        return value
    raise UnusableInput("bad_label", f'"{name}" must be a digit from 0 to 9, or null: no digit.')


def _png(drawing: Drawing) -> bytes:
    if not drawing.any():
        raise UnusableInput("blank", "There is no ink in the picture; a blank needs no correction.")
    shrink = LONGEST_SIDE / max(drawing.shape)
    if shrink < 1:
        drawing = cv2.resize(drawing, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".png", drawing)[1])


def _strokes(value: Any) -> list[list[list[float]]]:
    found = paths(value)
    if sum(map(len, found)) > MOST_POINTS:
        raise RequestTooLarge("too_many_points", f"The strokes have over {MOST_POINTS:,} points; send fewer.")
    return [np.round(path, 4).tolist() for path in found]
