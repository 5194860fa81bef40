"""Answers gzipped for whoever reads them so: those of Flask, and an explanation."""

from __future__ import annotations

import gzip
from http import HTTPStatus

from flask import Request, Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

LEAST_BYTES = 1024
"""A smaller body would not shrink to fewer packets."""
LEVEL = 6
LARGE_BYTES = 100_000
"""An explanation is larger, the answer to a batch is not."""
QUICK_LEVEL = 1
"""For what is made anew for each request: a sixth is left of an explanation, as against a seventh by LEVEL."""
TYPES = {"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"}
"""Media types that shrink; pictures are compressed as they are."""


def compress(request: Request, response: Response) -> Response:
    """The response, gzipped if that is worth it and the client takes it.

    Its ETag becomes a weak one, since the bytes are others; it matches `If-None-Match` all the same.
    """
    if response.mimetype not in TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if (
        not request.accept_encodings.quality("gzip")
        or response.status_code != HTTPStatus.OK
        or request.method == "HEAD"
    ):
        return response
    response.direct_passthrough = False  # a static file is read, which is small
    body = response.get_data()
    if len(body) < LEAST_BYTES:
        return response
    response.set_data(gzip.compress(body, LEVEL))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)
    return response


def shrink(fields: dict[str, str], body: bytes, accept_encoding: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a prediction, gzipped if it is large and the client takes that.

    Args:
        fields: headers of the answer.
        body: of it.
        accept_encoding: header of the request; empty if there was none.
    """
    if len(body) < LARGE_BYTES or fields.get("Content-Type") not in TYPES:
        return fields, body
    fields = fields | {"Vary": "Accept-Encoding"}
    if not parse_accept_header(accept_encoding, Accept).quality("gzip"):
        return fields, body
    return fields | {"Content-Encoding": "gzip"}, gzip.compress(body, QUICK_LEVEL)
