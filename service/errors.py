"""Domain exceptions -> HTTP status and one JSON shape (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from models.errors import MalformedRequest, RequestError, RequestTooLarge, UnsupportedMedia, UnusableInput

PROBLEM_TYPE = "application/problem+json"

STATUS: dict[type[RequestError], HTTPStatus] = {
    MalformedRequest: HTTPStatus.BAD_REQUEST,
    RequestTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnusableInput: HTTPStatus.UNPROCESSABLE_ENTITY,
}


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
