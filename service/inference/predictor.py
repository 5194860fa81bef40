"""The current model, the micro-batches that are formed for it, and the only caller of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple, Protocol

import numpy as np

from models.inference.digit_model import DigitModel, Predictions
from models.preprocessing.mnist_geometry import SIZE, Digit
from service.observability.metrics import Metrics


class Answer(Protocol):
    """Who waits for a digit; an asyncio.Future is one."""

    def done(self) -> bool:
        """Whether he waits no more."""

    def set_result(self, predictions: Predictions, /) -> None:
        """Take (1, 10) probabilities and a (1,) digit score."""

    def set_exception(self, error: Exception, /) -> None:
        """Take the reason that there are none."""


class Waiting(NamedTuple):
    """A digit whose batch has not run yet."""

    digit: Digit
    answer: Answer
    since: float


class Predictor:
    """Runs digits through the model.

    In an event loop, each request's digit joins the batch that the loop is about to run: everything that has arrived is
    classified together, and nobody waits for a timer. Elsewhere (Flask, a thread) a request's digits are a batch.

    Args:
        model: to begin with.
        metrics: hear of every batch; None: nobody does.
        stage: by which the metrics count the runs.

    Attributes:
        draining: this worker is about to stop.
        batch_began: when the event loop's last batch did, by `perf_counter`.
    """

    MICRO_BATCH = 16
    """Digits of different requests that run together at most: where the engine's gain levels off."""
    BATCH = 64
    """Digits of one request that run together at most."""

    def __init__(self, model: DigitModel, metrics: Metrics | None = None, stage: str = "infer") -> None:
        self._stage = stage
        self._metrics = metrics or Metrics()
        self.draining = False
        self.batch_began = 0.0
        self._waiting: deque[Waiting] = deque()
        self.serve(model)

    def serve(self, model: DigitModel) -> None:
        """Classify with another model from now on; batches under way keep theirs.

        Args:
            model: warmed here, in whatever thread this is, so that its first request is as fast as the next.
        """
        for n in (1, self.MICRO_BATCH, self.BATCH):
            model.predict(np.zeros((n, SIZE, SIZE), np.uint8))
        self.model = model

    @property
    def version(self) -> int:
        """Of the model."""
        return self.model.version

    def predict(self, digits: list[Digit]) -> Predictions:
        """Classify canonical digits now.

        Args:
            digits: n arrays (28, 28) uint8; n may be 0.

        Returns:
            (n, 10) float32 probabilities and (n,) float32 digit scores, in order.
        """
        model = self.model
        if not digits:
            return Predictions(np.empty((0, 10), np.float32), np.empty(0, np.float32), model)
        parts = [
            self._timed(model, digits[start : start + self.BATCH]) for start in range(0, len(digits), self.BATCH)
        ]  # fmt: skip
        return Predictions.concatenate(parts)

    def join(self, digit: Digit) -> asyncio.Future[Predictions]:
        """Classify a canonical digit together with those of other requests.

        Args:
            digit: (28, 28) uint8.

        Returns:
            A future of (1, 10) probabilities and (1,) digit scores; a digit whose future is cancelled is not run.
        """
        answer: asyncio.Future[Predictions] = asyncio.get_running_loop().create_future()
        self.enqueue(digit, answer)
        return answer

    def enqueue(self, digit: Digit, answer: Answer) -> None:
        """As `join`, for who brings his own answer; one that is done by then is not run."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._run)
        self._waiting.append(Waiting(digit, answer, perf_counter()))

    def _run(self) -> None:
        """Classify what waits, MICRO_BATCH at most; the loop gets to read sockets before the rest."""
        batch: list[Waiting] = []
        while self._waiting and len(batch) < self.MICRO_BATCH:
            waiting = self._waiting.popleft()
            if not waiting.answer.done():
                batch.append(waiting)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._run)
        if not batch:
            return
        self.batch_began = now = perf_counter()
        try:
            predictions = self._timed(
                self.model, [waiting.digit for waiting in batch], [now - waiting.since for waiting in batch]
            )
        except Exception as error:
            for waiting in batch:
                waiting.answer.set_exception(error)
            return
        probabilities, digit_score, model = predictions
        for n, waiting in enumerate(batch):
            waiting.answer.set_result(Predictions(probabilities[n : n + 1], digit_score[n : n + 1], model))

    def _timed(self, model: DigitModel, digits: list[Digit], waits: Sequence[float] = ()) -> Predictions:
        began = perf_counter()
        predictions = model.predict(np.array(digits))
        self._metrics.batch(len(digits), perf_counter() - began, waits, self._stage)
        return predictions
