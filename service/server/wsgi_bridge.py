"""Calls a WSGI application with a whole request and collects its whole response (PEP 3333)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import WSGIApplication

from service.protocols.request import REQUEST, Request
from service.protocols.response import Response

UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}
"""Headers that WSGI names without HTTP_."""


def call(app: WSGIApplication, request: Request) -> Response:
    """Answer a request by a WSGI application, in the calling thread."""
    status = ""
    headers: list[tuple[str, str]] = []

    def start_response(
        new_status: str, new_headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        nonlocal status
        status = new_status
        headers[:] = new_headers
        return chunks.append

    chunks: list[bytes] = []
    result: Iterable[bytes] = app(_environ(request), start_response)
    try:
        chunks.extend(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    return Response(HTTPStatus(int(status[:3])), _joined(headers), b"".join(chunks), observed=True)


def _environ(request: Request) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query_string.decode("latin-1"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "digits",
        "REMOTE_ADDR": request.peer,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": request.body.stream(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        REQUEST: request,
    }
    for name, value in request.headers.items():
        key = name.decode("latin-1").upper().replace("-", "_")
        environ[key if key in UNPREFIXED else f"HTTP_{key}"] = value.decode("latin-1")
    host = request.header(b"host")
    server, _, port = host.rpartition(":")
    environ["SERVER_NAME"], environ["SERVER_PORT"] = (server, port) if port.isdecimal() else (host, "80")
    environ["CONTENT_LENGTH"] = str(request.body.size)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Join the values of headers that are given several times."""
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
