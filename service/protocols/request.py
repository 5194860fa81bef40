"""A request, whichever server received it, and what a protocol makes of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from service.access.api_keys import presented_key
from service.images.canonical_digits import Images
from service.images.pages import Grid
from service.images.raw_pixels import RawPixels
from service.observability.tracing import Trace
from service.protocols.body import Body

REQUEST = "digits.request"
"""Key of the Request in a WSGI environment, so that its body need not be copied."""

_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Request:
    """A whole request.

    Args:
        method: HTTP method.
        path: of the URL, decoded.
        query_string: of the URL, as it came.
        headers: values by lower-case name; several values of one name are joined by commas.
        body: whole body, as it came; bytes are put into a Body.
        peer: address of the connection; empty if it has none.

    Attributes:
        id: the client's id if it is well-formed, else a new one; answered as `X-Request-ID`.
        trace: its times, if requests are traced.
    """

    __slots__ = ("_query", "body", "headers", "id", "method", "path", "peer", "query_string", "trace")

    def __init__(
        self,
        *,
        method: str,
        path: str,
        query_string: bytes = b"",
        headers: Mapping[bytes, bytes],
        body: Body | bytes = b"",
        peer: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query_string = query_string
        self.headers = headers
        self.body = body if isinstance(body, Body) else Body(body)
        self.peer = peer
        self.id = request_id(self.header(b"x-request-id"))
        self.trace: Trace | None = None
        self._query: dict[str, str] | None = None

    def header(self, name: bytes) -> str:
        """Return the value of a header; empty if there is none."""
        value = self.headers.get(name)
        return "" if value is None else value.decode("latin-1")

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters of the URL; of one that is given twice, the first value."""
        if self._query is None:
            pairs = parse_qsl(self.query_string.decode("latin-1"), keep_blank_values=True) if self.query_string else []
            self._query = dict(reversed(pairs))
        return self._query

    @property
    def api_key(self) -> str:
        """Return the API key that the request presents; empty for none."""
        return presented_key(self.header(b"authorization"), self.header(b"x-api-key"))

    @property
    def routing_key(self) -> str:
        """Return the key that decides between stable and canary: `X-Request-Key`, or the request's id."""
        return self.header(b"x-request-key") or self.id


class Target(NamedTuple):
    """The model that a request asks for; None where any will do."""

    name: str | None = None
    version: str | None = None
    label: str | None = None


@dataclass(slots=True)
class ResponseFormat:
    """What a request wants its response to hold.

    Attributes:
        batch: whether the answer is a list.
        strict: whether one unreadable image refuses the whole request.
        show_canonical: whether each answer carries the canonical digit.
        explain: whether the answer explains itself; one image only.
        grid: rows and columns of the boxes in each picture; None if it is to be read as lines.
        options: what the protocol needs to write the response, as JSON has it: it may come from another process.
    """

    batch: bool
    strict: bool = False
    show_canonical: bool = False
    explain: bool = False
    grid: Grid | None = None
    options: Any = None


class ParsedRequest(NamedTuple):
    """A request whose body is parsed and whose images are not decoded yet; there is at least one."""

    images: Images | RawPixels
    form: ResponseFormat


def request_id(given: str) -> str:
    """Return the client's id if it is well-formed, else a new id of 32 hexadecimal digits."""
    return given if given and _WELL_FORMED_ID.fullmatch(given) else os.urandom(16).hex()
