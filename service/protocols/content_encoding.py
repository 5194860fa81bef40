"""Compressed bodies: requests are decompressed, large responses are compressed."""

from __future__ import annotations

import gzip
import zlib

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from models.errors import MalformedRequest, UnsupportedMedia
from service.errors import body_too_large
from service.protocols.response import Response

WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
"""Content coding (RFC 9110) -> zlib's window bits."""
LARGE_BYTES = 100_000
"""Size from which a prediction is compressed: that of an explanation, but of no batch."""
QUICK_LEVEL = 1
"""Compression level of predictions: an explanation shrinks to a sixth, where level 6 would leave a seventh."""


def decompress(body: bytes, coding: str, max_bytes: int) -> bytes:
    """Decompress a body.

    Args:
        body: as it came.
        coding: header `Content-Encoding`; empty for none.
        max_bytes: largest size of the result.

    Raises:
        UnsupportedMedia: the coding is not known.
        RequestTooLarge: the result is over `max_bytes`; no more than that was kept.
        MalformedRequest: the body is not of that coding, or is cut short.
    """
    name = coding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in WINDOWS:
        raise UnsupportedMedia(
            "unsupported_content_encoding",
            f"The Content-Encoding {coding} is not read; send {' or '.join(WINDOWS)}, or the body as it is.",
        )
    decompressor = zlib.decompressobj(WINDOWS[name])
    try:
        result = decompressor.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise _broken(name, str(error)) from None
    if len(result) > max_bytes:
        raise body_too_large(max_bytes)
    if not decompressor.eof or decompressor.unused_data:
        raise _broken(name, "bytes are missing" if not decompressor.eof else "bytes follow its end")
    return result


def compress(response: Response, accept_encoding: str) -> Response:
    """Gzip a large JSON response if the client accepts it.

    Args:
        response: to a prediction.
        accept_encoding: header of the request; empty for none.
    """
    if len(response.body) < LARGE_BYTES or response.headers.get("Content-Type") != "application/json":
        return response
    headers = response.headers | {"Vary": "Accept-Encoding"}
    if not parse_accept_header(accept_encoding, Accept).quality("gzip"):
        return response._replace(headers=headers)
    return response._replace(
        headers=headers | {"Content-Encoding": "gzip"}, body=gzip.compress(response.body, QUICK_LEVEL)
    )


def _broken(coding: str, why: str) -> MalformedRequest:
    return MalformedRequest("bad_content_encoding", f"The body is not whole {coding}: {why}.")
