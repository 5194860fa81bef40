"""A request that was let in, on its way to its response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.access.api_keys import Key
from service.protocols.endpoint import Endpoint
from service.protocols.request import ParsedRequest, Request
from service.sandbox.reading import Reading


@dataclass(slots=True)
class Prepared:
    """A request that was let in.

    Attributes:
        request: as it came.
        endpoint: the one that it asks.
        predictor: the version that answers it, of the endpoint's model.
        began: when it was let in, by `perf_counter`.
        parsed: its images, if a thread may read them; None if the sandbox must.
        reading: what it holds; None if it is not read yet.
        brief: whether it is read in some tens of milliseconds at most.
        remote_key: key whose rate a pool must count, before the request is read; None for none.
    """

    request: Request
    endpoint: Endpoint
    predictor: Any
    began: float
    parsed: ParsedRequest | None = None
    reading: Reading[Any] | None = None
    brief: bool = False
    remote_key: Key | None = None

    @property
    def light(self) -> bool:
        """Whether `complete` takes so little time that an event loop may call it."""
        return self.reading is not None and not self.reading.form.explain
