"""The images in the body of a request of the service's own protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.errors import MalformedRequest, UnsupportedMedia
from models.preprocessing import rasterize
from models.preprocessing.polarity import find_ink_in_row
from service.config import Config
from service.images import multipart, raw_pixels
from service.images.canonical_digits import Images
from service.images.decode import SentPicture
from service.images.image import Image, encoded, unreadable
from service.images.raw_pixels import RawPixels
from service.protocols import json_fields
from service.protocols.request import Request

OTHER_MEDIA = ("multipart/form-data", "application/octet-stream", "application/json")
KINDS = {"image", "pixels", "strokes"}
LIGHT_POINTS = 300
"""Points of strokes that are drawn within a few milliseconds."""
DRAWN_POINTS = 2_000
"""Points of strokes that are laid out within some tens of milliseconds."""


def images(request: Request, config: Config) -> tuple[Images | RawPixels, bool]:
    """Take the images out of a request, and tell whether they are a batch.

    Raises:
        RequestError: the request as a whole cannot be answered.
    """
    content_type = request.header(b"content-type")
    media_type = content_type.partition(";")[0].strip().lower()
    found, batch = _images(request.body.data(), media_type, content_type, config)
    json_fields.check_count(len(found), config.max_items)
    return found, batch


def flag(request: Request, name: str) -> bool:
    """Read a parameter of the URL that is 0 or 1.

    Raises:
        MalformedRequest: it is anything else.
    """
    value = request.query.get(name, "0")
    if value not in ("0", "1"):
        raise MalformedRequest("bad_parameter", f"The parameter {name} must be 0 or 1.")
    return value == "1"


def _images(body: bytes, media_type: str, content_type: str, config: Config) -> tuple[Images | RawPixels, bool]:
    """Take the images out of a body, and tell whether they are a batch."""
    if not (media_type.startswith("image/") or media_type in OTHER_MEDIA):
        raise UnsupportedMedia(
            "unsupported_media_type",
            f"The Content-Type {media_type or '(none)'} is not read; send image/png or another image/*, "
            f"{', '.join(OTHER_MEDIA[:-1])} or {OTHER_MEDIA[-1]}.",
        )
    if not body:
        raise MalformedRequest("empty_body", "The body is empty; send an image in it.")
    if media_type == "application/octet-stream":
        return RawPixels(raw_pixels.parse(body)), True
    if media_type == "application/json":
        documents, batch = _documents(json_fields.parse_json(body))
        return Images([_json_image(document, config) for document in documents]), batch
    if media_type == "multipart/form-data":
        files = multipart.files(body, content_type, config.max_items)
        return Images([encoded(file, config.max_pixels) for file in files]), len(files) > 1
    return Images([encoded(body, config.max_pixels)]), False


def _documents(document: Any) -> tuple[Sequence[Any], bool]:
    """Take the documents of the images out of a JSON body, and tell whether they are a batch."""
    if isinstance(document, dict):
        document = json_fields.given(document)
    if not isinstance(document, dict) or document.keys() != {"images"}:
        return [document], False
    images = document["images"]
    if not isinstance(images, list) or not images:
        raise MalformedRequest("bad_document", '"images" must be an array of at least one image.')
    return images, True


def _json_image(document: Any, config: Config) -> Image:
    if isinstance(document, str):
        document = {"image": document}
    elif isinstance(document, dict):
        document = json_fields.given(document)
    try:
        if not isinstance(document, dict) or len(document) != 1 or not document.keys() <= KINDS:
            raise MalformedRequest(
                "bad_document",
                'The JSON must be an object with one key, "image", "pixels" or "strokes", '
                'or {"images": [...]} of such.',
            )
        ((kind, value),) = document.items()
        if kind == "image":
            return encoded(json_fields.decode_base64(value), config.max_pixels)
    except MalformedRequest as error:
        return unreadable(error)
    if kind == "pixels":
        return Image(
            lambda quick: find_ink_in_row(json_fields.pixels(value), quick),
            light=True,
            load=lambda: SentPicture(json_fields.pixels(value), (1.0, 1.0)),
        )
    points = sum(len(stroke) for stroke in value if isinstance(stroke, list)) if isinstance(value, list) else 0
    return Image(
        lambda _: (rasterize.draw(json_fields.strokes(value)), None),
        light=points <= LIGHT_POINTS,
        load=lambda: json_fields.strokes(value),
        drawn=points <= DRAWN_POINTS,
    )
