"""Prediction endpoints, each a pair of pure functions around inference: `read(call)` and `write(...)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from models.errors import RequestError
from models.inference.digit_model import Predictions
from service.config import Config

if TYPE_CHECKING:
    from service.errors import Answer
    from service.protocols.opening import Opened
    from service.server.trace import Trace


_VERSION = re.compile("/versions/([^/:]+)")


class Call(NamedTuple):
    """One request, whatever server received it.

    Attributes:
        content_type: the header as it came; empty if there was none.
        query: of the URL, decoded.
        body: whole.
        request_id: echoed in the answer.
        path: of the URL.
        header_length: of the body's JSON, as `Inference-Header-Content-Length` says; empty if it does not.
        sticky: `X-Request-Key`; empty if there was none.
        coding: of the body, as `Content-Encoding` says; empty if it does not.
        trace: told how it goes on; None: requests are not traced.
        accept_encoding: the header as it came; empty if there was none.
    """

    content_type: str
    query: Mapping[str, str]
    body: bytes
    request_id: str
    path: str = "/predict"
    header_length: str = ""
    sticky: str = ""
    coding: str = ""
    trace: Trace | None = None
    accept_encoding: str = ""

    @property
    def key(self) -> str:
        """By which a canary's share of the requests is dealt out."""
        return self.sticky or self.request_id

    @property
    def version(self) -> str:
        """Of the model, that the caller asks for; empty: whichever."""
        matched = _VERSION.search(self.path)
        return matched[1] if matched else self.query.get("version", "")


class Written(NamedTuple):
    """A good answer.

    Attributes:
        fields: headers.
        body: of the answer.
        verdicts: of each image, with at least `digit`, `confidence` and `reason`, for those who count.
    """

    fields: dict[str, str]
    body: bytes
    verdicts: Sequence[Mapping[str, Any]]


class Endpoint(NamedTuple):
    """How one kind of prediction is asked for and answered.

    Attributes:
        route: its rule, by which it is counted.
        open: parses a call; what it returns finds the digits.
        write: puts the model's words into the answer to a reading of the call.
        refuse: says what is wrong with the request of an id.
        fail: says that the service is at fault.
    """

    route: str
    open: Callable[[Call, Config], Opened]
    write: Callable[[Any, Predictions, Call], Written]
    refuse: Callable[[RequestError, str], Answer]
    fail: Callable[[str], Answer]


def parse_query(query_string: bytes) -> dict[str, str]:
    """The parameters of a URL; of those given twice, the first."""
    if not query_string:
        return {}
    return dict(reversed(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)))
