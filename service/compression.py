"""Answers of Flask, gzipped for whoever reads them so: the page, and the weights of a network."""

from __future__ import annotations

import gzip
from http import HTTPStatus

from flask import Request, Response

LEAST_BYTES = 1024
"""A smaller body would not shrink to fewer packets."""
LEVEL = 6
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
