"""A call -> the images in it, parsed but not decoded, so that who decodes them knows what they cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from models.errors import (
    MalformedRequest,
    RequestError,
    RequestTooLarge,
    UnsupportedMedia,
)
from models.preprocessing.mnist_geometry import Digit
from service.config import Config
from service.images import items, multipart, raw_pixels
from service.images.image import Source, encoded
from service.images.items import Item, Timing
from service.protocols import json_documents
from service.protocols.request import Call

OTHER_MEDIA = ("multipart/form-data", "application/octet-stream", "application/json")
DROPPED = 64 << 20
"""Bytes of a refused body that are read and dropped, so that its sender gets to see the answer."""
LIGHT_BYTES = 1 << 16
"""A larger body is parsed, decoded and classified in a thread, so that the others need not wait for it."""


@dataclass(slots=True)  # not frozen: that takes a microsecond more
class Opened:
    """A request whose body is parsed; no image is decoded yet."""

    items: Callable[[Timing], Sequence[Item]]  # draws each image anew as the model was trained to read it
    light: bool  # an event loop may do that
    batch: bool  # answered as {"predictions": [...]}
    show_canonical: bool  # each answer carries the 28x28 as a data URL
    explained: Source | None  # the image of which the answer says how it came to be

    def read(self) -> Reading:
        """Find the digits.

        Raises:
            RequestError: the one image of a request that is no batch cannot be read.
        """
        timing = Timing()
        found = self.items(timing)
        if not self.batch and isinstance(found[0], RequestError):
            raise found[0]
        return Reading(found, self.batch, self.show_canonical, self.explained, timing)


@dataclass(slots=True)
class Reading:
    """What a request holds, ready for inference."""

    items: Sequence[Item]
    batch: bool
    show_canonical: bool
    explained: Source | None
    timing: Timing

    @property
    def digits(self) -> list[Digit]:
        """Those that can be classified, in order."""
        return [item for item in self.items if not isinstance(item, Exception)]


def open_call(call: Call, config: Config) -> Opened:
    """Parse a request's body.

    Raises:
        RequestError: the request as a whole cannot be answered.
    """
    if len(call.body) > config.max_bytes:
        raise body_too_large(config)
    media_type = call.content_type.partition(";")[0].strip().lower()
    show_canonical, explain = _flag(call, "canonical"), _flag(call, "explain")
    if media_type == "application/octet-stream" and call.body:
        drawings = raw_pixels.drawings(call.body)
        _check_count(len(drawings), config)
        if explain:
            raise _one_at_a_time()
        return Opened(partial(items.redraw, drawings), raw_pixels.are_light(drawings), True, show_canonical, None)
    sources, batch = _sources(call, media_type, config)
    _check_count(len(sources), config)
    if explain and batch:
        raise _one_at_a_time()
    light = len(sources) == 1 and sources[0].light and not explain
    return Opened(partial(items.draw, sources), light, batch, show_canonical, sources[0] if explain else None)


def body_too_large(config: Config) -> RequestTooLarge:
    """The refusal of a body over `max_bytes`."""
    return RequestTooLarge("body_too_large", f"The body is over {config.max_bytes:,} bytes; send less at a time.")


def _one_at_a_time() -> MalformedRequest:
    return MalformedRequest("bad_parameter", "explain=1 takes one image at a time; send each in a request of its own.")


def _check_count(count: int, config: Config) -> None:
    if count > config.max_items:
        raise RequestTooLarge(
            "too_many_items", f"The request holds {count:,} images; send at most {config.max_items} at a time."
        )


def _sources(call: Call, media_type: str, config: Config) -> tuple[list[Source], bool]:
    """The images of a request, and whether they are a batch."""
    if not (media_type.startswith("image/") or media_type in OTHER_MEDIA):
        raise UnsupportedMedia(
            "unsupported_media_type",
            f"The Content-Type {media_type or '(none)'} is not read; send image/png or another image/*, "
            f"{', '.join(OTHER_MEDIA[:-1])} or {OTHER_MEDIA[-1]}.",
        )
    if not call.body:
        raise MalformedRequest("empty_body", "The body is empty; send an image in it.")
    if media_type == "application/json":
        return json_documents.sources(call.body, config)
    if media_type == "multipart/form-data":
        files = multipart.files(call.body, call.content_type, config.max_items)
        return [encoded(file, config.max_pixels) for file in files], len(files) > 1
    return [encoded(call.body, config.max_pixels)], False


def _flag(call: Call, name: str) -> bool:
    value = call.query.get(name, "0")
    if value not in ("0", "1"):
        raise MalformedRequest("bad_parameter", f"The parameter {name} must be 0 or 1.")
    return value == "1"
