"""The head of an HTTP/1.1 request, if it is so plain that two readers cannot differ about it.

Plain is a small part of RFC 9112: no transfer coding, no upgrade, no expectation, no name twice, no byte outside ASCII.
All else is for gunicorn's parser, which knows what to refuse.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 8190
"""Bytes of a head, the limit of gunicorn's request line; a longer one is left to it."""
MOST_FIELDS = 100
"""As gunicorn's limit."""

_PLAIN = re.compile(
    rb"POST (/[A-Za-z0-9/:._-]+)(?:\?([A-Za-z0-9_.~=&-]*))? HTTP/1\.1\r\n"
    rb"((?:[A-Za-z0-9-]+:[ -~\t]*\r\n)+)\r\n"
)
_HOST = re.compile(rb"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_LENGTH = re.compile(rb"[0-9]{1,9}")
_UNCOMMON = (
    b"transfer-encoding", b"te", b"trailer", b"upgrade", b"expect", b"proxy-connection", b"keep-alive", b"forwarded",
    b"x-forwarded-protocol", b"x-forwarded-ssl", b"content-encoding", b"http2-settings",
)  # fmt: skip
"""Fields that frame a message, or that a server must weigh against others."""


class Head(NamedTuple):
    """What a prediction needs to know of a request besides its body.

    Attributes:
        path: of the target, without its query.
        query_string: of the target; empty if there is none.
        content_type: as it came; empty if there was none.
        request_id: as the caller gave it; empty if he gave none.
        content_length: bytes of the body.
        header_length: of them, the JSON before binary tensors; empty if that is not said.
        authorization: as it came; empty if there was none.
        x_api_key: as it came; empty if there was none.
        x_request_key: as it came; empty if there was none.
    """

    path: str
    query_string: bytes
    content_type: str
    request_id: str
    content_length: int
    header_length: str = ""
    authorization: str = ""
    x_api_key: str = ""
    x_request_key: str = ""


def parse(head: bytes) -> Head | None:
    """Read a plain head.

    Args:
        head: from the first byte of a request to the empty line, that included.

    Returns:
        None: it is not plain; it may be right or wrong.
    """
    if len(head) > LONGEST or not (matched := _PLAIN.fullmatch(head)):
        return None
    path, query_string, lines = matched.groups()
    fields: dict[bytes, bytes] = {}
    names = 0
    for line in lines.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip(b" \t")
        names += 1
    if len(fields) < names or names > MOST_FIELDS or not fields.keys().isdisjoint(_UNCOMMON):
        return None
    if not (_HOST.fullmatch(fields.get(b"host", b"")) and _LENGTH.fullmatch(fields.get(b"content-length", b""))):
        return None
    if fields.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    return Head(
        path.decode(),
        query_string or b"",
        fields.get(b"content-type", b"").decode(),
        fields.get(b"x-request-id", b"").decode(),
        int(fields[b"content-length"]),
        fields.get(b"inference-header-content-length", b"").decode(),
        fields.get(b"authorization", b"").decode(),
        fields.get(b"x-api-key", b"").decode(),
        fields.get(b"x-request-key", b"").decode(),
    )
