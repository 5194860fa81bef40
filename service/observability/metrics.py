"""What is counted and timed. Each method takes about a microsecond, so that the hot path may call it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from time import time
from typing import Any, NamedTuple

from service.images.items import Timing
from service.observability.access_log import Journal
from service.observability.shared_counters import Counters, Slot

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
CONFIDENCES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)


class Family(NamedTuple):
    """A metric that `/metrics` shows."""

    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    """Of a histogram's buckets."""


COUNTERS = {
    "digits_requests": Family("Requests that were answered.", ("route", "status", "reason")),
    "digits_answers": Family("Images that were classified, by verdict.", ("digit", "verdict")),
    "digits_compared": Family("Digits shown to the canary too, by whether it agrees.", ("agrees",)),
    "digits_swaps": Family("Times that a worker took over another model."),
}
HISTOGRAMS = {
    "digits_request_seconds": Family("From the request to its answer.", ("route",), SECONDS),
    "digits_stage_seconds": Family("Of a request, or for infer of a batch.", ("stage",), SECONDS),
    "digits_batch_size": Family("Digits that ran through the model together.", (), SIZES),
    "digits_confidence": Family("The probability of the digit answered.", (), CONFIDENCES),
}
GAUGES = {
    "digits_queue_depth": Family("Requests under way."),
}
VERSION = "digits_version"
"""Number of the version that a worker serves, by the role it has there."""
REFUSED = "digits_refused"
"""Whether a worker refuses the version its label points at, by the role it would have."""
ROLES = ("served", "canary")
LAST_BATCH = "digits_last_batch"
"""When a worker's last batch ran, in seconds since 1970."""


class Histogram:
    """One series of a histogram: a number a bucket, and the sum.

    Args:
        slot: to count in.
        name: a key of HISTOGRAMS.
        labels: their values.
    """

    def __init__(self, slot: Slot, name: str, *labels: str) -> None:
        self._bounds = HISTOGRAMS[name].bounds
        self._numbers = slot.numbers
        self._buckets = [slot.index(name, *labels, str(bound)) for bound in (*self._bounds, "+Inf")]
        self._sum = slot.index(name, *labels, "sum")

    def observe(self, value: float) -> None:
        """Count a value; the slot's lock is held by the caller."""
        self._numbers[self._buckets[bisect_left(self._bounds, value)]] += 1
        self._numbers[self._sum] += value


class Metrics:
    """Counts for one worker.

    Args:
        counters: shared with the other workers; None: this process is alone.
        slot: which of them is this worker's.
        journal: told of each request too; None: there is none.

    Attributes:
        counters: as given.
        slot: this worker's, claimed.
    """

    def __init__(self, counters: Counters | None = None, slot: int = 0, journal: Journal | None = None) -> None:
        self._journal = journal
        self.counters = counters or Counters()
        self.slot = self.counters.slots[slot]
        self.slot.claim()
        self._lock = self.slot.lock
        self._numbers = self.slot.numbers
        self._requests: dict[tuple[str, int, str], tuple[int, Histogram]] = {}
        self._answers: dict[tuple[int | None, str | None], int] = {}
        self._stage = {
            name: Histogram(self.slot, "digits_stage_seconds", name)
            for name in ("queue", "decode", "canonicalize", "infer", "canary")
        }
        self._batch_size = Histogram(self.slot, "digits_batch_size")
        self._confidence = Histogram(self.slot, "digits_confidence")
        self._depth = self.slot.index("digits_queue_depth")
        self._swaps = self.slot.index("digits_swaps")
        self._last_batch = self.slot.index(LAST_BATCH)
        for gauge in [*((name,) for name in GAUGES), *((name, role) for name in (VERSION, REFUSED) for role in ROLES)]:
            self._numbers[self.slot.index(*gauge)] = 0.0

    def request(self, method: str, route: str, status: int, reason: str, seconds: float, request_id: str) -> None:
        """A request was answered.

        Args:
            method: of HTTP.
            route: its rule, so that paths cannot make ever more series.
            status: of HTTP.
            reason: the problem's code; empty if there was none.
            seconds: that it took.
            request_id: of the request.
        """
        key = (route, status, reason)
        found = self._requests.get(key)
        if found is None:
            number = self.slot.index("digits_requests", route, str(status), reason)
            found = self._requests[key] = (number, Histogram(self.slot, "digits_request_seconds", route))
        number, latency = found
        with self._lock:
            self._numbers[number] += 1
            latency.observe(seconds)
        if self._journal is not None:
            self._journal.request(method, route, status, reason, seconds, request_id)

    def answered(self, timing: Timing, verdicts: Iterable[Mapping[str, Any]]) -> None:
        """A request's images were read, in so much time, and judged."""
        with self._lock:
            self._stage["decode"].observe(timing.decode)
            self._stage["canonicalize"].observe(timing.canonicalize)
        for document in verdicts:
            if "digit" not in document:
                continue
            key = (document["digit"], document["reason"])
            number = self._answers.get(key)
            if number is None:
                digit, reason = key
                name = "none" if digit is None else str(digit)
                number = self._answers[key] = self.slot.index("digits_answers", name, reason or "accepted")
            with self._lock:
                self._numbers[number] += 1
                if document["digit"] is not None:
                    self._confidence.observe(document["confidence"])

    def batch(self, size: int, seconds: float, waits: Iterable[float] = (), stage: str = "infer") -> None:
        """A batch ran, in so many seconds, after each of its digits had waited."""
        with self._lock:
            self._numbers[self._last_batch] = time()
            self._batch_size.observe(size)
            self._stage[stage].observe(seconds)
            for wait in waits:
                self._stage["queue"].observe(wait)

    def depth(self, requests: int) -> None:
        """So many requests are under way."""
        self._numbers[self._depth] = requests

    def compared(self, agreed: int, digits: int) -> None:
        """The canary was shown so many digits, of which it read so many as the stable version does."""
        yes, no = (self.slot.index("digits_compared", answer) for answer in ("yes", "no"))
        with self._lock:
            self._numbers[yes] += agreed
            self._numbers[no] += digits - agreed

    def serving(self, version: int, role: str) -> None:
        """This version is `served`, or is the `canary`; 0 for none."""
        number = self.slot.index(VERSION, role)
        with self._lock:
            if role == "served":
                self._numbers[self._swaps] += self._numbers[number] != 0.0
            self._numbers[number] = version

    def refused(self, refused: bool, role: str) -> None:
        """Whether the version that the label points at is refused."""
        self._numbers[self.slot.index(REFUSED, role)] = refused
