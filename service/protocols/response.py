"""A response, whichever server sends it: status, headers, body, and the shapes of errors."""

from __future__ import annotations

import functools
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson

from models.errors import RequestError
from service.errors import INTERNAL_ERROR, STATUS, advice

JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every response."""


class Response(NamedTuple):
    """A response.

    Attributes:
        status: of HTTP.
        headers: of its own; every response has those of SECURITY, its date and its request's id too.
        body: whole.
        reason: code of the problem, by which it is counted; empty for none.
        observed: whether Flask has counted it, and given it the headers of every response.
    """

    status: HTTPStatus
    headers: dict[str, str]
    body: bytes
    reason: str = ""
    observed: bool = False


def json_response(document: Any, status: HTTPStatus = HTTPStatus.OK, reason: str = "") -> Response:
    """Respond with a JSON document."""
    return Response(status, JSON, orjson.dumps(document), reason)


def refusal(error: RequestError, request_id: str) -> Response:
    """Respond to a request that cannot be answered, by a problem document (RFC 9457)."""
    body = orjson.dumps(problem(error, request_id))
    return Response(STATUS[type(error)], PROBLEM | advice(error), body, error.code)


def failure(request_id: str) -> Response:
    """Respond when the service itself failed, by a problem document."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "The service failed; its log says why, under the request id."
    body = orjson.dumps(problem_document(status, INTERNAL_ERROR, detail, request_id))
    return Response(status, PROBLEM, body, INTERNAL_ERROR)


def bare_refusal(error: RequestError, request_id: str) -> Response:
    """Respond as `refusal` does, in the shape of Triton and TensorFlow Serving, which know no finer status than 400."""
    status = STATUS[type(error)]
    if status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
        status = HTTPStatus.BAD_REQUEST
    return Response(status, JSON | advice(error), orjson.dumps({"error": error.detail}), error.code)


def bare_failure(request_id: str) -> Response:
    """Respond as `failure` does, in the shape of Triton and TensorFlow Serving."""
    detail = f"the service failed; its log says why, under the request id {request_id}"
    return json_response({"error": detail}, HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL_ERROR)


def problem(error: RequestError, request_id: str) -> dict[str, Any]:
    """Describe a client's mistake as a problem document."""
    return problem_document(STATUS[type(error)], error.code, error.detail, request_id)


def problem_document(status: HTTPStatus, code: str, detail: str, request_id: str) -> dict[str, Any]:
    """Describe a problem, the client's or the service's."""
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }


def date() -> str:
    """Return the time as HTTP writes it. gunicorn's own stands still if the clock is set back."""
    return _date(int(time.time()))


@functools.lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
