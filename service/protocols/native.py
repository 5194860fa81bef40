"""`POST /predict`: images, forms, pixels or strokes in; digits and probabilities out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson

from models.errors import MalformedRequest, NoSuchModel, RequestError
from service.config import Config
from service.protocols import native_images
from service.protocols.endpoint import DIGITS, Answers, Endpoint
from service.protocols.explanation import data_url
from service.protocols.request import ParsedRequest, Request, ResponseFormat, Target
from service.protocols.response import JSON, Response, problem

READ_LINK = {"Link": '<read>; rel="alternate"; title="reads several digits"'}
"""Header that tells (RFC 8288) where a picture of several digits is read; relative to the request's own address."""


def parse(request: Request, config: Config) -> ParsedRequest:
    """Parse the body of a request.

    Raises:
        RequestError: the request as a whole cannot be answered.
    """
    show_canonical, explain = native_images.flag(request, "canonical"), native_images.flag(request, "explain")
    images, batch = native_images.images(request, config)
    if explain and batch:
        detail = "explain=1 takes one image at a time; send each in a request of its own."
        raise MalformedRequest("bad_parameter", detail)
    return ParsedRequest(images, ResponseFormat(batch, show_canonical=show_canonical, explain=explain))


def write(form: ResponseFormat, answers: Answers, request: Request) -> Response:
    """Write one answer for each image, or the one answer alone if the request is no batch."""
    model = {"name": answers.name, "version": answers.version}
    documents: list[dict[str, Any]] = []
    for digit, answer in zip(answers.digits, answers.results, strict=True):
        if isinstance(answer, RequestError):
            documents.append(problem(answer, request.id))
            continue
        document: dict[str, Any] = {
            "digit": answer.digit,
            "probabilities": answer.probabilities,
            "confidence": answer.confidence,
            "digit_score": answer.digit_score,
            "accepted": answer.reason is None,
            "reason": answer.reason,
        }
        if form.show_canonical:
            document["canonical"] = None if isinstance(digit, Exception) else data_url(digit)
        if form.explain:
            document["explanation"] = answers.explanation
        document["model"], document["request_id"] = model, request.id
        documents.append(document)
    content = {"predictions": documents} if form.batch else documents[0]
    return Response(HTTPStatus.OK, JSON | READ_LINK if answers.several else JSON, orjson.dumps(content))


def target(request: Request) -> Target:
    """Read the version that the URL asks for."""
    return Target(version=request.query.get("version"))


def unknown(target: Target) -> NoSuchModel:
    """Refuse a version that is not served."""
    return NoSuchModel("no_such_version", f"Version {target.version} is not served; /models says which are.")


PREDICT = Endpoint("/predict", DIGITS, target, unknown, parse, write)
