"""Domain exceptions -> HTTP status and one JSON shape (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson

from models.errors import (
    CorrectionsFull,
    DeadlineExceeded,
    MalformedRequest,
    NoSuchModel,
    Overloaded,
    RateLimited,
    RequestError,
    RequestTooLarge,
    Unauthorized,
    UnsupportedMedia,
    UnusableInput,
)

INTERNAL_ERROR = "internal_error"
JSON = {"Content-Type": "application/json"}
PROBLEM_TYPE = "application/problem+json"

STATUS: dict[type[RequestError], HTTPStatus] = {
    MalformedRequest: HTTPStatus.BAD_REQUEST,
    NoSuchModel: HTTPStatus.NOT_FOUND,
    RequestTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnusableInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    CorrectionsFull: HTTPStatus.TOO_MANY_REQUESTS,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    DeadlineExceeded: HTTPStatus.GATEWAY_TIMEOUT,
}


RETRY_AFTER: dict[type[RequestError], str] = {Overloaded: "1", CorrectionsFull: "60"}
"""Seconds after which it is worth trying again."""

Answer = tuple[HTTPStatus, dict[str, str], bytes]
"""Status, headers and body."""


def refusal(error: RequestError, request_id: str) -> Answer:
    """The answer to a request that cannot be answered."""
    fields = {"Content-Type": PROBLEM_TYPE} | _advice(error)
    return STATUS[type(error)], fields, orjson.dumps(problem(error, request_id))


def failure(request_id: str) -> Answer:
    """The answer when the service itself failed."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "The service failed; its log says why, under the request id."
    return status, {"Content-Type": PROBLEM_TYPE}, orjson.dumps(document(status, INTERNAL_ERROR, detail, request_id))


def bare_refusal(error: RequestError, request_id: str) -> Answer:
    """As `refusal`, in the shape of Triton's and TensorFlow Serving's REST: they know no finer status than 400."""
    status = STATUS[type(error)]
    if status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
        status = HTTPStatus.BAD_REQUEST
    return status, JSON | _advice(error), orjson.dumps({"error": error.detail})


def bare_failure(request_id: str) -> Answer:
    """As `failure`, in that shape."""
    detail = f"the service failed; its log says why, under the request id {request_id}"
    return HTTPStatus.INTERNAL_SERVER_ERROR, JSON, orjson.dumps({"error": detail})


def _advice(error: RequestError) -> dict[str, str]:
    """Headers that tell a program what to do."""
    if type(error) in RETRY_AFTER:
        return {"Retry-After": RETRY_AFTER[type(error)]}
    if isinstance(error, RateLimited):
        return {"Retry-After": str(error.retry_after)}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorized) else {}


def problem(error: RequestError, request_id: str) -> dict[str, Any]:
    """The problem document of a client's mistake."""
    return document(STATUS[type(error)], error.code, error.detail, request_id)


def document(status: HTTPStatus, code: str, detail: str, request_id: str) -> dict[str, Any]:
    """A problem document, whoever is at fault."""
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }
