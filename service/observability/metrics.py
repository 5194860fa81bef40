"""Counters and histograms of one worker. Each method takes about a microsecond, so that the hot path can call it."""

from __future__ import annotations

from bisect import bisect_left
from time import time
from typing import NamedTuple

from service.observability.shared_counters import Counters, Slot

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
CONFIDENCES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)


class Family(NamedTuple):
    """A metric of `/metrics`: its help text, its labels and, for a histogram, the upper bounds of its buckets."""

    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


COUNTERS = {
    "digits_requests": Family("Answered requests.", ("route", "status", "reason")),
    "digits_answers": Family("Classified images by digit and verdict.", ("digit", "verdict")),
    "digits_numbers": Family("Pictures read for numbers by verdict.", ("verdict",)),
    "digits_compared": Family("Digits compared with the canary, by agreement.", ("agrees",)),
    "digits_swaps": Family("Times that a worker switched to another version."),
}
HISTOGRAMS = {
    "digits_request_seconds": Family("Time from a whole request to its answer.", ("route",), SECONDS),
    "digits_stage_seconds": Family("Time of each stage of a request.", ("stage",), SECONDS),
    "digits_batch_size": Family("Digits classified in one call.", (), SIZES),
    "digits_number_length": Family("Digits found in a picture read for numbers.", (), SIZES),
    "digits_confidence": Family("Probability of the answered digit.", (), CONFIDENCES),
}
GAUGES = {
    "digits_queue_depth": Family("Requests in progress."),
}
STAGES = ("queue", "decode", "canonicalize", "infer", "canary")
NUMBER_STAGES = ("numbers_queue", "numbers_decode", "numbers_layout", "numbers_read")
"""Stages of a request for numbers."""
VERSION = "digits_version"
"""Number of the version in each role of a worker."""
REFUSED = "digits_refused"
"""1 while a worker refuses the version that a role's label points at."""
ROLES = ("served", "canary", "numbers")
LAST_INFERENCE = "digits_last_inference"
"""Time of a worker's last inference, seconds since 1970."""
LAST_READING = "digits_last_reading"
"""Time at which a worker read numbers last, seconds since 1970."""


class Histogram:
    """One series of a histogram: a counter a bucket, and the sum.

    Args:
        slot: counters of this worker.
        name: key of HISTOGRAMS.
        labels: values of its labels.
    """

    def __init__(self, slot: Slot, name: str, *labels: str) -> None:
        self._bounds = HISTOGRAMS[name].bounds
        self._numbers = slot.numbers
        self._buckets = [slot.index(name, *labels, str(bound)) for bound in (*self._bounds, "+Inf")]
        self._sum = slot.index(name, *labels, "sum")

    def observe(self, value: float) -> None:
        """Count a value. The caller holds the slot's lock."""
        self._numbers[self._buckets[bisect_left(self._bounds, value)]] += 1
        self._numbers[self._sum] += value


class Metrics:
    """Counts for one worker.

    Args:
        counters: counters shared with the other workers; None for a process on its own.
        slot: index of this worker's slot.

    Attributes:
        counters: as given.
        slot: this worker's slot, claimed.
    """

    def __init__(self, counters: Counters | None = None, slot: int = 0) -> None:
        self.counters = counters or Counters()
        self.slot = self.counters.slots[slot]
        self.slot.claim()
        self._lock = self.slot.lock
        self._numbers = self.slot.numbers
        self._requests: dict[tuple[str, int, str], tuple[int, Histogram]] = {}
        self._answers: dict[tuple[int | None, str | None], int] = {}
        self._stages = {name: Histogram(self.slot, "digits_stage_seconds", name) for name in (*STAGES, *NUMBER_STAGES)}
        self._batch_size = Histogram(self.slot, "digits_batch_size")
        self._confidence = Histogram(self.slot, "digits_confidence")
        self._number_length = Histogram(self.slot, "digits_number_length")
        self._depth = self.slot.index("digits_queue_depth")
        self._swaps = self.slot.index("digits_swaps")
        self._last_inference = self.slot.index(LAST_INFERENCE)
        self._last_reading = self.slot.index(LAST_READING)
        for gauge in [*((name,) for name in GAUGES), *((name, role) for name in (VERSION, REFUSED) for role in ROLES)]:
            self._numbers[self.slot.index(*gauge)] = 0.0

    def request(self, method: str, route: str, status: int, reason: str, seconds: float, request_id: str) -> None:
        """Count an answered request.

        Args:
            method: HTTP method; not counted, since the log takes the same arguments.
            route: rule of the path, so that paths cannot make ever more series.
            status: HTTP status.
            reason: code of the problem; empty for none.
            seconds: time to the answer.
            request_id: id of the request; not counted.
        """
        key = (route, status, reason)
        found = self._requests.get(key)
        if found is None:
            number = self.slot.index("digits_requests", route, str(int(status)), reason)
            found = self._requests[key] = (number, Histogram(self.slot, "digits_request_seconds", route))
        number, latency = found
        with self._lock:
            self._numbers[number] += 1
            latency.observe(seconds)

    def stage(self, name: str, seconds: float) -> None:
        """Count the time of a stage, one of STAGES or NUMBER_STAGES."""
        with self._lock:
            self._stages[name].observe(seconds)

    def inference(self, digits: int, seconds: float, stage: str = "infer") -> None:
        """Count a call of the engine for a number of digits."""
        with self._lock:
            self._numbers[self._last_inference] = time()
            self._batch_size.observe(digits)
            self._stages[stage].observe(seconds)

    def reading(self, seconds: float) -> None:
        """Count a page that both engines have read."""
        with self._lock:
            self._numbers[self._last_reading] = time()
            self._stages["numbers_read"].observe(seconds)

    def number(self, digits: int, reason: str | None) -> None:
        """Count a picture read for numbers.

        Args:
            digits: those that were found.
            reason: why the answer is not accepted; None if it is.
        """
        number = self.slot.index("digits_numbers", reason or "accepted")
        with self._lock:
            self._numbers[number] += 1
            self._number_length.observe(digits)

    def answer(self, digit: int | None, reason: str | None, confidence: float) -> None:
        """Count a classified image.

        Args:
            digit: the digit; None for a blank image.
            reason: why the answer is not accepted; None if it is.
            confidence: probability of the digit.
        """
        number = self._answers.get((digit, reason))
        if number is None:
            name = "none" if digit is None else str(digit)
            number = self._answers[digit, reason] = self.slot.index("digits_answers", name, reason or "accepted")
        with self._lock:
            self._numbers[number] += 1
            if digit is not None:
                self._confidence.observe(confidence)

    def depth(self, requests: int) -> None:
        """Set the number of requests in progress."""
        self._numbers[self._depth] = requests

    def compared(self, agreed: int, digits: int) -> None:
        """Count digits compared with the canary, and those on which it agreed."""
        yes, no = (self.slot.index("digits_compared", answer) for answer in ("yes", "no"))
        with self._lock:
            self._numbers[yes] += agreed
            self._numbers[no] += digits - agreed

    def serving(self, version: int, role: str) -> None:
        """Set the version of a role, one of ROLES; 0 for none."""
        number = self.slot.index(VERSION, role)
        with self._lock:
            if role != "canary":
                self._numbers[self._swaps] += self._numbers[number] != 0.0
            self._numbers[number] = version

    def refused(self, refused: bool, role: str) -> None:
        """Set whether the version that a role's label points at is refused."""
        self._numbers[self.slot.index(REFUSED, role)] = refused
