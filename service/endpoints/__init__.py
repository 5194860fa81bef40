"""Prediction endpoints, each a pair of pure functions around inference: `read(call)` and `write(...)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Call:
    """One request, whatever server received it.

    Attributes:
        content_type: the header as it came; empty if there was none.
        query: of the URL, decoded.
        body: whole.
        request_id: echoed in the answer.
    """

    content_type: str
    query: Mapping[str, str]
    body: bytes
    request_id: str


def parse_query(query_string: bytes) -> dict[str, str]:
    """The parameters of a URL; of those given twice, the first."""
    if not query_string:
        return {}
    return dict(reversed(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)))
