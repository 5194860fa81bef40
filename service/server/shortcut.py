"""Light predictions without a coroutine: begun when the last byte comes in, answered when their batch has run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter

from models.errors import RequestError
from models.inference.digit_model import Predictions
from models.preprocessing.mnist_geometry import Digit
from service.access.admission import Admission, too_late
from service.access.api_keys import Keys, presented
from service.config import Config
from service.errors import INTERNAL_ERROR, Answer
from service.inference.canary import Canary
from service.inference.predictor import Predictor
from service.observability.metrics import Metrics
from service.protocols import headers
from service.protocols.opening import LIGHT_BYTES, Reading
from service.protocols.registry import find
from service.protocols.request import Call, Endpoint, parse_query
from service.server.head import Head

Answered = Callable[[Answer, str], None]
"""Takes status, headers and body, and the request's id."""

log = logging.getLogger(__name__)


class Shortcut:
    """Begins predictions. What is heavy, or goes wrong before the model is asked, is the lane's.

    Args:
        canary: shared with the lane; knows who answers.
        admission: shared with the lane.
        config: limits.
        metrics: shared with the lane.
        keys: shared with the lane.
    """

    def __init__(
        self,
        canary: Canary,
        admission: Admission,
        config: Config,
        metrics: Metrics,
        keys: Keys | None,
    ) -> None:
        self.keys = keys
        self.metrics = metrics
        self.canary = canary
        self.admission = admission
        self.config = config
        self._longest = -1 if config.traces else min(LIGHT_BYTES, config.max_bytes)  # what is traced is the lane's

    def takes(self, head: Head) -> bool:
        """Whether a request that begins so may be for `begin`."""
        return head.content_length <= self._longest and find(head.path) is not None

    def begin(self, head: Head, body: bytes, answered: Answered) -> Pending | None:
        """Read a request and have its digits classified.

        Args:
            head: that it `takes`.
            body: whole.
            answered: called once, never from within, unless what is returned is cancelled before.

        Returns:
            None: ask the lane, which will do it or say what is wrong.
        """
        began = perf_counter()
        request_id = headers.request_id(head.request_id)
        query = parse_query(head.query_string)
        call = Call(head.content_type, query, body, request_id, head.path, head.header_length, head.x_request_key)
        endpoint = find(head.path)
        assert endpoint is not None, "taken"
        try:
            key = self.keys.find(presented(head.authorization, head.x_api_key)) if self.keys else None
            if self.keys and key and self.keys.is_awaited(key):
                return None
            opened = endpoint.open(call, self.config)
            if not opened.light:
                return None
            reading = opened.read()
            if self.keys and key:
                self.keys.take(key)
            self.admission.enter()
        except RequestError:
            return None
        except Exception:
            log.exception("request %s failed", request_id)
            return None
        pending = Pending(self, endpoint, call, reading, answered, began)
        digits = reading.digits
        predictor = self.canary.choose(call)
        if len(digits) == 1:
            predictor.enqueue(digits[0], pending)
        else:
            asyncio.get_running_loop().call_soon(_classify, predictor, digits, pending)
        return pending


class Pending:
    """A request whose digits wait for their batch; to the predictor, a future.

    Args:
        shortcut: that began it.
        endpoint: that it is for.
        call: itself.
        reading: of it.
        answered: told the answer.
        began: when, by `perf_counter`.
    """

    def __init__(
        self, shortcut: Shortcut, endpoint: Endpoint, call: Call, reading: Reading, answered: Answered, began: float
    ) -> None:
        self._shortcut = shortcut
        self._reading = reading
        self._endpoint = endpoint
        self._call = call
        self._answered = answered
        self._began = began
        self._deadline = asyncio.get_running_loop().time() + shortcut.config.deadline_seconds
        self._done = False

    def done(self) -> bool:
        """Whether nobody waits for the digits any more."""
        return self._done

    def cancel(self) -> None:
        """The client is gone: its digits are not run, or the answer is forgotten."""
        if not self._done:
            self._done = True
            self._shortcut.admission.leave()

    def set_result(self, predictions: Predictions) -> None:
        """Answer."""
        if asyncio.get_running_loop().time() > self._deadline:
            self.set_exception(too_late(self._shortcut.config))
            return
        try:
            written = self._endpoint.write(self._reading, predictions, self._call)
        except RequestError as error:
            self.set_exception(error)
            return
        self._shortcut.metrics.answered(self._reading.timing, written.verdicts)
        self._finish((HTTPStatus.OK, written.fields, written.body))
        self._shortcut.canary.compare(self._call, self._reading, predictions)

    def set_exception(self, error: Exception) -> None:
        """Say why there is no answer."""
        if isinstance(error, RequestError):
            self._finish(self._endpoint.refuse(error, self._call.request_id), error.code)
            return
        log.error("request %s failed", self._call.request_id, exc_info=error)
        self._finish(self._endpoint.fail(self._call.request_id), INTERNAL_ERROR)

    def _finish(self, answer: Answer, reason: str = "") -> None:
        self._done = True
        self._shortcut.admission.leave()
        seconds = perf_counter() - self._began
        self._shortcut.metrics.request("POST", self._endpoint.route, answer[0], reason, seconds, self._call.request_id)
        self._answered(answer, self._call.request_id)


def _classify(predictor: Predictor, digits: list[Digit], pending: Pending) -> None:
    if pending.done():
        return
    try:
        predictions = predictor.predict(digits)
    except Exception as error:
        pending.set_exception(error)
    else:
        pending.set_result(predictions)
