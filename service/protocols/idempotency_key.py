"""`Idempotency-Key`: a request that is sent again does nothing more (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import re

from models.errors import MalformedRequest

_KEY = re.compile(r'("?)([ !#-~]{1,255})\1')


def parse(header: str) -> str:
    """Read a key, which most clients send without the draft's quotation marks; empty for none.

    Raises:
        MalformedRequest: it is no key.
    """
    if not header:
        return ""
    found = _KEY.fullmatch(header)
    if not found:
        detail = "Idempotency-Key must be 1 to 255 printable ASCII characters, such as a UUID."
        raise MalformedRequest("bad_idempotency_key", detail)
    return found[2]
