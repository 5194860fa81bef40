"""Pages and documents gzipped for clients that accept it."""

from __future__ import annotations

import gzip
from functools import lru_cache
from http import HTTPStatus

from flask import Request, Response

MIN_BYTES = 1024
"""Size below which a body would not shrink to fewer packets."""
LEVEL = 6
TYPES = {"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"}
"""Media types that shrink; pictures are compressed already."""


def compress(request: Request, response: Response) -> Response:
    """Gzip the response to a GET if that is worth it and the client accepts it.

    Its ETag becomes a weak one, since the bytes differ; it matches `If-None-Match` all the same.
    """
    if response.mimetype not in TYPES or request.method != "GET":
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip") or response.status_code != HTTPStatus.OK:
        return response
    response.direct_passthrough = False  # read the static file, which is small
    body = response.get_data()
    if len(body) < MIN_BYTES:
        return response
    response.set_data(_gzip(body))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)
    return response


@lru_cache(maxsize=64)
def _gzip(body: bytes) -> bytes:
    """Compress a page once, however many ask for it."""
    return gzip.compress(body, LEVEL)
