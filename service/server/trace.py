"""One request as it is traced: when it began, what it went through, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from time import perf_counter, time_ns
from typing import Any

from models.inference.digit_model import Predictions
from models.preprocessing.mnist_geometry import Digit
from service.images.items import Timing
from service.inference.predictor import Predictor
from service.protocols.opening import Opened, Reading

CONTEXT = ("traceparent", "tracestate")
"""Headers that say of which trace a request is a part: W3C's Trace Context."""


class Trace:
    """A request under way.

    Args:
        fields: of its headers, those of CONTEXT; empty where there was none.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields
        self.attributes: dict[str, str | int] = {}
        self.stages: list[tuple[str, float, float]] = []
        self.began = perf_counter()
        self._since_1970 = time_ns() - int(self.began * 1e9)
        self._latest = self.began

    def read(self, timing: Timing) -> None:
        """Its images were read just now; what took the time of several is added up."""
        self._latest = perf_counter()
        decoded = self._latest - timing.canonicalize
        self.stages += ("decode", decoded - timing.decode, decoded), ("canonicalize", decoded, self._latest)

    def ran(self, batch_began: float | None = None) -> None:
        """Its digits were classified just now, by a batch that began at a time of `perf_counter`; None: at once."""
        if batch_began is not None:
            self.stages.append(("queue", self._latest, batch_began))
            self._latest = batch_began
        self.stages.append(("infer", self._latest, perf_counter()))

    def answered(self, version: int, verdicts: Iterable[Mapping[str, Any]]) -> None:
        """Its images were judged, by a version of the model."""
        found = [verdict.get("code") or verdict["reason"] or "accepted" for verdict in verdicts]
        self.attributes["digits.model.version"] = version
        self.attributes["digits.images"] = len(found)
        self.attributes["digits.verdict"] = ",".join(sorted(set(found)))

    def at(self, clock: float) -> int:
        """A time of `perf_counter`, as nanoseconds since 1970."""
        return self._since_1970 + int(clock * 1e9)


def read(opened: Opened, trace: Trace | None) -> Reading:
    """`opened.read()`, told to a trace."""
    reading = opened.read()
    if trace:
        trace.read(reading.timing)
    return reading


def predict(predictor: Predictor, digits: list[Digit], trace: Trace | None) -> Predictions:
    """`predictor.predict()`, told to a trace."""
    predictions = predictor.predict(digits)
    if trace:
        trace.ran()
    return predictions


async def join(predictor: Predictor, digit: Digit, trace: Trace | None) -> Predictions:
    """`predictor.join()`, told to a trace."""
    if trace is None:
        return await predictor.join(digit)
    answer = _Awaited(trace, predictor)
    predictor.enqueue(digit, answer)
    return await answer


class _Awaited(asyncio.Future[Predictions]):
    """What the model will say of a digit; it tells a trace of the batch before anybody else.

    Args:
        trace: of the request.
        predictor: that will run the batch.
    """

    def __init__(self, trace: Trace, predictor: Predictor) -> None:
        super().__init__()
        self._trace = trace
        self._predictor = predictor

    def set_result(self, predictions: Predictions, /) -> None:
        self._trace.ran(self._predictor.batch_began)
        super().set_result(predictions)
