"""What the pipeline needs to know of each model."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, Protocol

from models.errors import RequestError
from service.inference.served_model import ServedModel
from service.pipeline.prepared import Prepared
from service.protocols.request import ParsedRequest, Request, ResponseFormat
from service.protocols.response import Response
from service.sandbox.reading import Reading


class Task(Protocol):
    """How the requests for one model are read and answered.

    Attributes:
        model: its versions answer.
        queue: the stage by which the wait for a pool is counted.
    """

    model: ServedModel[Any]
    queue: str

    def begin(self, prepared: Prepared, parsed: ParsedRequest) -> None:
        """Read a small request if that takes a few milliseconds at most, else note how it may be read."""

    def read(self, prepared: Prepared, until: float) -> Reading[Any]:
        """Read a request in a thread of a pool.

        Args:
            prepared: the request.
            until: when its answer is due, by `perf_counter`.

        Raises:
            RequestError: it cannot be read, or not in time.
        """

    def answer(self, prepared: Prepared, reading: Reading[Any], until: float) -> Response:
        """Ask the model and respond; the arguments and errors are those of `read`."""


def check_results(results: Sequence[object], form: ResponseFormat) -> None:
    """Check that reading gave what the request needs.

    Raises:
        RequestError: the one image of a request cannot be read, or any image of a strict request.
    """
    for n, result in enumerate(results):
        if isinstance(result, RequestError) and form.strict:
            raise type(result)(result.code, f"image {n}: {result.detail}")
        if isinstance(result, RequestError) and not form.batch:
            raise result


def trace_stages(request: Request, stages: Sequence[tuple[str, float]]) -> None:
    """Tell the trace of a request, if it has one, the stages that have just ended, one after the other, in seconds."""
    if request.trace:
        began = perf_counter() - sum(seconds for _, seconds in stages)
        for name, seconds in stages:
            request.trace.stage(name, began, began + seconds)
            began += seconds


def trace_verdicts(request: Request, version: int, verdicts: Sequence[str]) -> None:
    """Tell the trace of a request, if it has one, what was answered."""
    if request.trace:
        request.trace.attributes["digits.model.version"] = version
        request.trace.attributes["digits.images"] = len(verdicts)
        request.trace.attributes["digits.verdict"] = ",".join(sorted(set(verdicts)))
