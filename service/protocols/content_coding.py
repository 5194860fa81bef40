"""A body as it travelled -> as it was before its sender compressed it."""

from __future__ import annotations

import zlib

from models.errors import MalformedRequest, UnsupportedMedia
from service.config import Config
from service.protocols.opening import body_too_large
from service.protocols.request import Call

WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
"""Content coding (RFC 9110) -> how zlib calls its format."""


def decoded(call: Call, config: Config) -> Call:
    """The call with its body decompressed; itself if it was not compressed.

    Raises:
        UnsupportedMedia: the coding is not known.
        RequestTooLarge: there is more in it than `max_bytes`; no more than that was kept.
        MalformedRequest: the body is not of that coding, or not whole.
    """
    coding = call.coding.strip().lower()
    if coding in ("", "identity"):
        return call
    if coding not in WINDOWS:
        raise UnsupportedMedia(
            "unsupported_content_encoding",
            f"The Content-Encoding {call.coding} is not read; send {' or '.join(WINDOWS)}, or the body as it is.",
        )
    decompressor = zlib.decompressobj(WINDOWS[coding])
    try:
        body = decompressor.decompress(call.body, config.max_bytes + 1)
    except zlib.error as error:
        raise _broken(coding, str(error)) from None
    if len(body) > config.max_bytes:
        raise body_too_large(config)
    if not decompressor.eof or decompressor.unused_data:
        raise _broken(coding, "bytes are missing" if not decompressor.eof else "bytes follow its end")
    return call._replace(body=body, coding="")


def _broken(coding: str, why: str) -> MalformedRequest:
    return MalformedRequest("bad_content_encoding", f"The body is not whole {coding}: {why}.")
