"""`POST /corrections`: a drawing and the digit that it really was."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from models.arrays import Drawing
from models.errors import MalformedRequest, RequestTooLarge, UnsupportedMedia, UnusableInput
from models.registry.corrections import Correction
from service.config import Config
from service.images.decode import decode
from service.protocols import json_fields

KEYS = {"label", "image", "strokes", "said", "model"}
LONGEST_SIDE = 512
"""Pixels of the longest side of a stored drawing; a larger picture is scaled down."""
MAX_POINTS = 20_000


def parse(body: bytes, content_type: str, config: Config) -> Correction:
    """Read a correction.

    Only grey ink is kept, without the place, the time and the camera that a photo may reveal.

    Raises:
        RequestError: the body is not a correction.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMedia("unsupported_media_type", "A correction is JSON; send application/json.")
    document = json_fields.parse_json(body)
    if not isinstance(document, dict) or not {"label", "image"} <= document.keys() <= KEYS:
        raise MalformedRequest(
            "bad_document",
            'A correction is an object with "label" and "image", and perhaps "strokes", "said" and "model".',
        )
    optional = json_fields.given(document)
    model = optional.get("model", "")
    if not isinstance(model, str) or len(model) > 80:
        raise UnusableInput("bad_model", '"model" must be a string of at most 80 characters, such as "digits 1".')
    return Correction(
        label=_digit(document["label"], "label"),
        png=_png(decode(json_fields.decode_base64(document["image"]), config.max_pixels)),
        strokes=_strokes(optional.get("strokes", [])),
        predicted=_digit(optional.get("said"), "said"),
        model=model,
    )


def _digit(value: Any, name: str) -> int | None:
    if value is None or (type(value) is int and 0 <= value <= 9):
        return value
    raise UnusableInput("bad_label", f'"{name}" must be a digit from 0 to 9, or null for a non-digit.')


def _png(drawing: Drawing) -> bytes:
    if not drawing.any():
        raise UnusableInput("blank", "There is no ink in the picture; a blank needs no correction.")
    scale = LONGEST_SIDE / max(drawing.shape)
    if scale < 1:
        drawing = cv2.resize(drawing, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".png", drawing)[1])


def _strokes(value: Any) -> list[list[list[float]]]:
    found = json_fields.strokes(value)
    if sum(map(len, found)) > MAX_POINTS:
        raise RequestTooLarge("too_many_points", f"The strokes have over {MAX_POINTS:,} points; send fewer.")
    return [np.round(stroke, 4).tolist() for stroke in found]
