"""Flask's requests and responses as the service's own, and back."""

from __future__ import annotations

from typing import Any

import flask
import orjson
from flask import g

from models.errors import RequestTooLarge
from service.errors import body_too_large
from service.protocols.request import REQUEST, Request
from service.protocols.response import Response

CHUNK = 1 << 16
MAX_DROPPED = 64 << 20
"""Bytes of a refused body that are read and dropped, so that its sender gets to see the response."""


def to_request(max_bytes: int | None = None) -> Request:
    """Return the Request that Flask handles: as this service's server received it, else made of what Flask was given.

    Args:
        max_bytes: of its body; None to leave the body alone.

    Raises:
        RequestTooLarge: its body is over `max_bytes`; none of it was kept.
    """
    request: Request = flask.request.environ.get(REQUEST) or Request(
        method=flask.request.method,
        path=flask.request.path,
        query_string=flask.request.query_string,
        headers={name.lower().encode(): value.encode("latin-1") for name, value in flask.request.headers},
        body=b"" if max_bytes is None else _read_body(max_bytes),
        peer=flask.request.remote_addr or "",
    )
    request.id, request.trace = g.request_id, g.trace
    return request


def to_flask(response: Response) -> flask.Response:
    """Make Flask's response of a Response, and note its reason."""
    g.reason = response.reason
    return flask.Response(response.body, response.status, response.headers)


def json_response(document: dict[str, Any] | list[dict[str, Any]]) -> flask.Response:
    """Respond with a JSON document."""
    return flask.Response(orjson.dumps(document), mimetype="application/json")


def _read_body(max_bytes: int) -> bytes:
    if (flask.request.content_length or 0) <= max_bytes:
        body = flask.request.stream.read(max_bytes + 1)
        if len(body) <= max_bytes:
            return body
    _drop()
    error: RequestTooLarge = body_too_large(max_bytes)
    raise error


def _drop() -> None:
    for _ in range(MAX_DROPPED // CHUNK):
        if not flask.request.stream.read(CHUNK):
            return
