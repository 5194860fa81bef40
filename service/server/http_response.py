"""A response as HTTP/1.1 sends it."""

from __future__ import annotations

from http import HTTPStatus

from service.protocols.request import Request
from service.protocols.response import SECURITY, Response, date

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_SECURITY = "".join(f"{name}: {value}\r\n" for name, value in SECURITY.items())
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_LINES = {status: f"HTTP/1.1 {status:d} {status.phrase}\r\n" for status in HTTPStatus}


def to_bytes(response: Response, request: Request | None, last: bool) -> bytes:
    """Write a response.

    Args:
        response: if it is `observed`, it has the headers of every response already.
        request: None if it could not be parsed.
        last: whether the connection ends with the response.
    """
    status, headers, body = response.status, response.headers, response.body
    own = "".join([f"{name}: {value}\r\n" for name, value in headers.items() if name != "Content-Length"])
    common = ""
    if not response.observed:
        request_id = f"X-Request-ID: {request.id}\r\n" if request else ""
        common = f"{request_id}{_SECURITY}Date: {date()}\r\n"
    length = "" if status in _WITHOUT_BODY else f"Content-Length: {len(body)}\r\n"
    if request is not None and request.method == "HEAD":
        length = f"Content-Length: {headers.get('Content-Length', len(body))}\r\n"
        body = b""
    elif status in _WITHOUT_BODY:
        body = b""
    closing = "Connection: close\r\n" if last else ""
    return f"{_LINES[status]}{own}{length}{common}{closing}\r\n".encode("latin-1") + body
