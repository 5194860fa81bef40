"""A request that was received, or the refusal of bytes that are none."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from service.access.admission import Admission
from service.protocols.request import Request
from service.protocols.response import PROBLEM, Response, json_response, problem_document

MAX_LINE = 8190
"""Bytes of a URL or of one header, at most."""
MAX_HEADERS = 100
METHODS = "DELETE, GET, HEAD, OPTIONS, POST"
"""Methods of the service as a whole; each path has some of them."""

_DETAILS = {
    HTTPStatus.REQUEST_TIMEOUT: "The request did not arrive in time; send it again, faster.",
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The URL is over {MAX_LINE:,} bytes; send the data in the body.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"The headers are too large; send at most {MAX_HEADERS}, each of at most {MAX_LINE:,} bytes."
    ),
    HTTPStatus.EXPECTATION_FAILED: "The only expectation that is met is 100-continue.",
    HTTPStatus.NOT_IMPLEMENTED: "The only transfer coding that is read is chunked.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This is no proxy; send GET or POST.",
    HTTPStatus.MISDIRECTED_REQUEST: "The service does not answer to this Host; name it in DIGITS_HOSTS.",
}


class Received(NamedTuple):
    """A request that is received, or the refusal of one that is not going to be.

    Attributes:
        request: None if it could not be parsed.
        refusal: the response, if it is decided already.
        last: whether the connection ends with the response.
        held: bytes that admission holds for the body.
    """

    request: Request | None
    refusal: Response | None
    last: bool
    held: int

    def release(self, admission: Admission) -> None:
        """Let the body go, once nobody works on it."""
        admission.drop(self.held)
        if self.request:
            self.request.body.close()


class BadRequest(Exception):
    """The request must not be read on; the connection ends with the response."""

    def __init__(self, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(status.phrase)
        self.status = status


def unreadable(status: HTTPStatus) -> Received:
    """Refuse bytes that are no request that can be read."""
    reason = status.name.lower()
    detail = _DETAILS.get(status, "The bytes are not a valid HTTP/1.1 request.")
    headers = PROBLEM | ({"Allow": METHODS} if status is HTTPStatus.METHOD_NOT_ALLOWED else {})
    response = json_response(problem_document(status, reason, detail, ""), status, reason)._replace(headers=headers)
    return Received(None, response, last=True, held=0)
