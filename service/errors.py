"""Which HTTP status and headers each error gets."""

from __future__ import annotations

from http import HTTPStatus

from models.errors import (
    CorrectionsFull,
    DeadlineExceeded,
    DigitsError,
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
"""The code of an error that is the service's own fault."""

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
RETRY_AFTER: dict[type[RequestError], int] = {Overloaded: 1, CorrectionsFull: 60}
"""Seconds after which a client may try again."""


class ConfigError(DigitsError):
    """A setting is unknown or has a bad value."""


def advice(error: RequestError) -> dict[str, str]:
    """Return the headers that tell a client what to do about an error."""
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, RateLimited):
        return {"Retry-After": str(error.retry_after)}
    if type(error) in RETRY_AFTER:
        return {"Retry-After": str(RETRY_AFTER[type(error)])}
    return {}


def overloaded() -> Overloaded:
    """Refuse a request for which there is no room."""
    return Overloaded("overloaded", "The service has all the work it can do in time; try again in a second.")


def deadline_exceeded(seconds: float) -> DeadlineExceeded:
    """Refuse a request that could not be answered within `seconds`."""
    detail = f"There was no answer within {seconds:g} s; send less at a time, or later."
    return DeadlineExceeded("deadline_exceeded", detail)


def body_too_large(max_bytes: int) -> RequestTooLarge:
    """Refuse a body of more than `max_bytes`."""
    return RequestTooLarge("body_too_large", f"The body is over {max_bytes:,} bytes; send less at a time.")
