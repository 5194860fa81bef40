"""`POST /predict`: images, forms, pixels or strokes in; digits and probabilities out."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import cv2

from models.artifact import DigitModel, Predictions
from models.canonical import Digit, canonicalize
from models.errors import (
    BlankDrawing,
    DeadlineExceeded,
    MalformedRequest,
    RequestError,
    RequestTooLarge,
    UnsupportedMedia,
)
from service import documents, forms
from service.config import Config
from service.endpoints import Call
from service.errors import problem
from service.source import Source, encoded

Item = Digit | BlankDrawing | RequestError
"""One image of a request: a canonical digit, or why it is none."""


@dataclass(frozen=True)
class Opened:
    """A request whose body is parsed; no image is decoded yet."""

    sources: list[Source]
    batch: bool  # answered as {"predictions": [...]}
    show_canonical: bool  # each answer carries the 28x28 as a data URL

    @property
    def light(self) -> bool:
        """Whether an event loop may read it: one image, quickly decoded."""
        return len(self.sources) == 1 and self.sources[0].light

    def read(self) -> Reading:
        """Draw each image anew as the model was trained to read it.

        Raises:
            RequestError: the one image of a request that is no batch cannot be read.
        """
        items = [_item(source) for source in self.sources]
        if not self.batch and isinstance(items[0], RequestError):
            raise items[0]
        return Reading(items, self.batch, self.show_canonical)


@dataclass(frozen=True)
class Reading:
    """What a request holds, ready for inference."""

    items: list[Item]
    batch: bool
    show_canonical: bool

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
    sources, batch = _sources(call, config)
    if len(sources) > config.max_items:
        raise RequestTooLarge(
            "too_many_items", f"The request holds {len(sources):,} images; send at most {config.max_items} at a time."
        )
    return Opened(sources, batch, _flag(call, "canonical"))


def read(call: Call, config: Config) -> Reading:
    """Find the digits in a request.

    Raises:
        RequestError: the request as a whole cannot be answered, or its one image cannot.
    """
    return open_call(call, config).read()


def write(reading: Reading, predictions: Predictions, model: DigitModel, request_id: str) -> dict[str, Any]:
    """Put the model's words into the answer.

    Args:
        reading: from `read`.
        predictions: of `reading.digits`.
        model: that made them.
        request_id: of the call.
    """
    rows = iter(range(len(predictions.probabilities)))
    about = {"model": {"name": model.contract.name, "version": model.version}, "request_id": request_id}
    answers: list[dict[str, Any]] = []
    for item in reading.items:
        if isinstance(item, RequestError):
            answers.append(problem(item, request_id))
            continue
        answer = _blank() if isinstance(item, BlankDrawing) else _answer(predictions, next(rows), model)
        if reading.show_canonical:
            answer["canonical"] = None if isinstance(item, BlankDrawing) else _data_url(item)
        answers.append(answer | about)
    return {"predictions": answers} if reading.batch else answers[0]


def body_too_large(config: Config) -> RequestTooLarge:
    """The refusal of a body over `max_bytes`."""
    return RequestTooLarge("body_too_large", f"The body is over {config.max_bytes:,} bytes; send less at a time.")


def deadline_exceeded(config: Config) -> DeadlineExceeded:
    """The refusal of a request that waited past the deadline."""
    return DeadlineExceeded(
        "deadline_exceeded", f"There was no answer within {config.deadline_seconds:g} s; send less at a time, or later."
    )


def _sources(call: Call, config: Config) -> tuple[list[Source], bool]:
    """The images of a request, and whether they are a batch."""
    media_type = call.content_type.partition(";")[0].strip().lower()
    if not (media_type.startswith("image/") or media_type in ("multipart/form-data", "application/json")):
        raise UnsupportedMedia(
            "unsupported_media_type",
            f"The Content-Type {media_type or '(none)'} is not read; send image/png or another image/*, "
            "multipart/form-data or application/json.",
        )
    if not call.body:
        raise MalformedRequest("empty_body", "The body is empty; send an image in it.")
    if media_type == "application/json":
        return documents.sources(call.body, config)
    if media_type == "multipart/form-data":
        files = forms.files(call.body, call.content_type, config.max_items)
        return [encoded(file, config.max_pixels) for file in files], len(files) > 1
    return [encoded(call.body, config.max_pixels)], False


def _item(source: Source) -> Item:
    try:
        return canonicalize(source.draw())
    except (BlankDrawing, RequestError) as error:
        return error


def _flag(call: Call, name: str) -> bool:
    value = call.query.get(name, "0")
    if value not in ("0", "1"):
        raise MalformedRequest("bad_parameter", f"The parameter {name} must be 0 or 1.")
    return value == "1"


def _answer(predictions: Predictions, row: int, model: DigitModel) -> dict[str, Any]:
    probabilities = predictions.probabilities[row].tolist()
    score = float(predictions.digit_score[row])
    second, best = sorted(probabilities)[-2:]
    rejection = model.contract.rejection
    reason = None
    if score < rejection.min_digit_score:
        reason = "not_a_digit"
    elif best - second < rejection.min_margin:
        reason = "ambiguous"
    return {
        "digit": model.contract.classes[probabilities.index(best)],
        "probabilities": probabilities,
        "confidence": best,
        "digit_score": score,
        "accepted": reason is None,
        "reason": reason,
    }


def _blank() -> dict[str, Any]:
    return {
        "digit": None,
        "probabilities": [0.1] * 10,
        "confidence": 0.1,
        "digit_score": 0.0,
        "accepted": False,
        "reason": "blank",
    }


def _data_url(digit: Digit) -> str:
    _, png = cv2.imencode(".png", digit)
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()
