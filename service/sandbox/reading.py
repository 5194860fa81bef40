"""What is read in a process of its own: a request for a prediction, or a correction; and its form on the way."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from models.errors import BlankDrawing, RequestError
from models.numbers.strips import HEIGHT
from models.preprocessing.mnist_geometry import SIZE
from models.registry.corrections import Correction
from service.config import Config
from service.errors import STATUS
from service.images.canonical_digits import MAX_STRIP, CanonicalDigits, DigitOrError
from service.images.pages import Pages
from service.protocols import correction
from service.protocols.body import Body
from service.protocols.content_encoding import decompress
from service.protocols.endpoint import NUMBERS
from service.protocols.registry import find
from service.protocols.request import Request, ResponseFormat
from service.sandbox import page_message
from service.sandbox.messages import BadMessage, Message

HEADERS = (b"content-type", b"content-encoding", b"inference-header-content-length")
"""Headers that parsing needs. A process learns no other: neither key nor address."""
_ERRORS = {error.__name__: error for error in STATUS}


Contents = TypeVar("Contents", CanonicalDigits, Pages)


class Reading(NamedTuple, Generic[Contents]):
    """What a request holds: digits for `/predict` and its like, pages for `/read` and its like."""

    form: ResponseFormat
    contents: Contents


def largest(config: Config) -> int:
    """Return the most bytes of a reply: two digits, a strip and an error for each image, a drawing; or their pages."""
    digits = (2 << 20) + config.max_items * (2 * SIZE * SIZE + HEIGHT * MAX_STRIP + 1024)
    return max(digits, page_message.largest(config.max_items))


def ask(request: Request) -> tuple[Message, int | None]:
    """Put a request into a message; a large body is passed as a file."""
    headers = {name.decode(): request.header(name) for name in HEADERS if name in request.headers}
    document = {"path": request.path, "query": request.query_string.decode("latin-1"), "headers": headers}
    file = request.body.file()
    return Message(document, request.body.data() if file is None else b""), file


def answer(message: Message, file: int | None, config: Config) -> Message:
    """Read the request in a message, in a process of its own.

    Returns:
        What `digits`, `pages` or `stored` take, or an error.
    """
    try:
        request = _request(message, file)
        request.body = Body(decompress(request.body.data(), request.header(b"content-encoding"), config.max_bytes))
        endpoint = find(request.path)
        if endpoint is None:
            return _write_correction(correction.parse(request.body.data(), request.header(b"content-type"), config))
        images, form = endpoint.parse(request, config)
        if endpoint.model == NUMBERS:
            return _write_pages(form, images.lay_out(form.grid))
        return _write_digits(form, images.canonicalize())
    except RequestError as error:
        return Message({"error": _write_error(error)})


def digits(message: Message) -> Reading[CanonicalDigits]:
    """Take the digits out of an answer.

    Raises:
        RequestError: the request cannot be answered.
    """
    document = _checked(message)
    found = iter(np.frombuffer(message.data, np.uint8, document["digits"] * SIZE * SIZE).reshape(-1, SIZE, SIZE))
    results: list[DigitOrError] = []
    for result in document["results"]:
        if result is None:
            results.append(next(found))
        else:
            results.append(BlankDrawing() if result == "blank" else _read_error(result))
    offset = document["digits"] * SIZE * SIZE
    strips = {}
    for image, width in document["strips"]:
        if not 0 <= image < len(results) or not 1 <= width <= MAX_STRIP:
            raise BadMessage(f"a strip of {width} pixels, of image {image}")
        strips[image] = np.frombuffer(message.data, np.uint8, HEIGHT * width, offset).reshape(HEIGHT, width)
        offset += HEIGHT * width
    others = {}
    for image in document["others"]:
        if not 0 <= image < len(results):
            raise BadMessage(f"another reading of image {image}")
        others[image] = np.frombuffer(message.data, np.uint8, SIZE * SIZE, offset).reshape(SIZE, SIZE)
        offset += SIZE * SIZE
    drawing = None
    if document["drawing"]:
        drawing = np.frombuffer(message.data, np.uint8, offset=offset).reshape(document["drawing"])
    seconds = document["decode_seconds"], document["canonicalize_seconds"]
    canonical = CanonicalDigits(results, drawing, *seconds, strips, others)
    return Reading(ResponseFormat(**document["form"]), canonical)


def pages(message: Message) -> Reading[Pages]:
    """Take the pages out of an answer.

    Raises:
        RequestError: the request cannot be answered.
        BadMessage: no process that is sound sends this.
    """
    document = _checked(message)
    found = page_message.read(document["pages"], message.data)
    results = [
        _read_error(error) if page is None else page for page, error in zip(found, document["errors"], strict=True)
    ]
    return Reading(
        ResponseFormat(**document["form"]), Pages(results, document["decode_seconds"], document["layout_seconds"])
    )


def stored(message: Message) -> Correction:
    """Take the correction out of an answer.

    Raises:
        RequestError: the body is not a correction.
    """
    return Correction(png=message.data, **_checked(message)["correction"])


def _request(message: Message, file: int | None) -> Request:
    document = message.document
    body = message.data
    if file is not None:
        with os.fdopen(file, "rb") as whole:
            whole.seek(0)
            body = whole.read()
    return Request(
        method="POST",
        path=document["path"],
        query_string=document["query"].encode("latin-1"),
        headers={name.encode(): value.encode("latin-1") for name, value in document["headers"].items()},
        body=body,
    )


def _write_pages(form: ResponseFormat, pages: Pages) -> Message:
    documents, data = page_message.write(pages.results)
    document = {
        "form": asdict(form),
        "pages": documents,
        "errors": [_write_error(result) if isinstance(result, RequestError) else None for result in pages.results],
        "decode_seconds": pages.decode_seconds,
        "layout_seconds": pages.layout_seconds,
    }
    return Message(document, data)


def _write_digits(form: ResponseFormat, canonical: CanonicalDigits) -> Message:
    results: list[Any] = []
    for result in canonical.results:
        if isinstance(result, RequestError):
            results.append(_write_error(result))
        else:
            results.append("blank" if isinstance(result, BlankDrawing) else None)
    readable = canonical.digits
    drawing = canonical.drawing if form.explain else None
    parts = [digit.tobytes() for digit in readable]
    parts += [strip.tobytes() for strip in canonical.strips.values()]
    parts += [other.tobytes() for other in canonical.others.values()]
    if drawing is not None:
        parts.append(drawing.tobytes())
    document = {
        "form": asdict(form),
        "results": results,
        "digits": len(readable),
        "drawing": None if drawing is None else drawing.shape,
        "strips": [[image, strip.shape[1]] for image, strip in canonical.strips.items()],
        "others": list(canonical.others),
        "decode_seconds": canonical.decode_seconds,
        "canonicalize_seconds": canonical.canonicalize_seconds,
    }
    return Message(document, b"".join(parts))


def _write_correction(found: Correction) -> Message:
    fields = {name: getattr(found, name) for name in ("label", "strokes", "predicted", "model")}
    return Message({"correction": fields}, found.png)


def _write_error(error: RequestError) -> list[str]:
    return [type(error).__name__, error.code, error.detail]


def _read_error(written: list[str]) -> RequestError:
    name, code, detail = written
    return _ERRORS[name](code, detail)


def _checked(message: Message) -> dict[str, Any]:
    if "error" in message.document:
        raise _read_error(message.document["error"])
    return message.document
