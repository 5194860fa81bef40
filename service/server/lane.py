"""The fast lane: predictions straight on the event loop, with nothing between the socket and the endpoint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any

from models.errors import RequestError
from models.inference.digit_model import Predictions
from models.preprocessing.mnist_geometry import Digit
from service.access.admission import Admission, too_late
from service.access.api_keys import Keys, presented
from service.config import Config
from service.errors import INTERNAL_ERROR
from service.inference.canary import Canary
from service.observability.metrics import Metrics
from service.observability.tracing import Traces
from service.protocols import headers
from service.protocols.content_coding import decoded
from service.protocols.opening import DROPPED, LIGHT_BYTES, Reading, body_too_large
from service.protocols.request import Call, Endpoint, parse_query
from service.server.body import Body, BodyTooLarge, ClientGone, Receive
from service.server.pools import Threads
from service.server.trace import CONTEXT, Trace, join, predict, read
from service.web.compression import shrink

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

KEY_FIELDS = ("authorization", "x-api-key")


def _field(named: dict[bytes, bytes], name: str) -> str:
    """A header; empty if there was none."""
    return named.get(name.encode(), b"").decode("latin-1")


def _encoded(fields: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them, with those that every answer carries."""
    return [(name.lower().encode(), value.encode()) for name, value in (fields | headers.of_all()).items()]


log = logging.getLogger(__name__)


class Lane:
    """Answers predictions under ASGI.

    What is light (one canvas, one set of strokes) is decoded on the event loop and joins the next micro-batch; what is
    heavy (a photo, a batch, what is compressed) is answered in a thread.

    Args:
        canary: shared with Flask; knows who answers.
        admission: what is let in.
        config: limits.
        metrics: shared with Flask.
        keys: that a request must come with one of; None: with none.
        traces: shared with Flask; None: requests are not traced.
    """

    def __init__(
        self,
        canary: Canary,
        admission: Admission,
        config: Config,
        metrics: Metrics,
        keys: Keys | None,
        traces: Traces | None,
    ) -> None:
        self._traces = traces
        self._keys = keys
        self._metrics = metrics
        self._canary = canary
        self._admission = admission
        self._config = config
        self._threads = Threads(config.deadline_seconds)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.close()

    async def __call__(self, endpoint: Endpoint, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request to an endpoint."""
        began = perf_counter()
        named = dict(scope["headers"])
        request_id = headers.request_id(_field(named, "x-request-id"))
        trace = Trace({name: _field(named, name) for name in CONTEXT}) if self._traces else None
        body = Body(receive, self._admission)
        status, reason = HTTPStatus.OK, ""
        try:
            fields, answer = await self._answer(endpoint, scope, named, body, request_id, trace)
        except ClientGone:
            return
        except RequestError as error:
            reason = error.code
            status, fields, answer = endpoint.refuse(error, request_id)
            await body.drop(DROPPED)
        except Exception:
            log.exception("request %s failed", request_id)
            reason = INTERNAL_ERROR
            status, fields, answer = endpoint.fail(request_id)
        finally:
            body.release()
        own = [(b"content-length", b"%d" % len(answer)), (b"x-request-id", request_id.encode())]
        await send({"type": "http.response.start", "status": int(status), "headers": own + _encoded(fields)})
        await send({"type": "http.response.body", "body": answer})
        self._metrics.request("POST", endpoint.route, status, reason, perf_counter() - began, request_id)
        if self._traces and trace:
            self._traces.end(trace, "POST", endpoint.route, status, reason, request_id)

    async def _answer(
        self,
        endpoint: Endpoint,
        scope: MutableMapping[str, Any],
        named: dict[bytes, bytes],
        body: Body,
        request_id: str,
        trace: Trace | None,
    ) -> tuple[dict[str, str], bytes]:
        """Headers and body of a good answer."""
        if self._keys is not None:
            authorization, x_api_key = (_field(named, name) for name in KEY_FIELDS)
            await self._keys.admit_soon(presented(authorization, x_api_key))
        if int(named.get(b"content-length", 0)) > self._config.max_bytes:
            raise body_too_large(self._config)
        try:
            content = await body.read(self._config.max_bytes)
        except BodyTooLarge:
            raise body_too_large(self._config) from None
        call = Call(
            _field(named, "content-type"),
            parse_query(scope["query_string"]),
            content,
            request_id,
            scope["path"],
            _field(named, "inference-header-content-length"),
            _field(named, "x-request-key"),
            _field(named, "content-encoding"),
            trace,
            _field(named, "accept-encoding"),
        )
        self._admission.enter()
        try:
            return await self._classify(endpoint, call)
        except TimeoutError:
            raise too_late(self._config) from None
        finally:
            self._admission.leave()

    async def _classify(self, endpoint: Endpoint, call: Call) -> tuple[dict[str, str], bytes]:
        """Read, run, write: here if the call is light, else in a thread.

        Raises:
            Overloaded: it is heavy, and would wait too long for a thread.
            TimeoutError: past the deadline.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._config.deadline_seconds
        if len(call.body) <= LIGHT_BYTES and not call.coding:
            opened = endpoint.open(call, self._config)
            if opened.light:
                reading = read(opened, call.trace)
                predictions = await self._run(call, reading.digits)
                if loop.time() > deadline:
                    raise TimeoutError
                return self._write(endpoint, reading, predictions, call)
        return await self._threads.run(partial(self._classify_whole, endpoint, call))

    async def _run(self, call: Call, digits: list[Digit]) -> Predictions:
        predictor = self._canary.choose(call)
        if len(digits) != 1:
            return predict(predictor, digits, call.trace)
        return await join(predictor, digits[0], call.trace)

    def _classify_whole(self, endpoint: Endpoint, call: Call) -> tuple[dict[str, str], bytes]:
        call = decoded(call, self._config)
        reading = read(endpoint.open(call, self._config), call.trace)
        predictions = predict(self._canary.choose(call), reading.digits, call.trace)
        return shrink(*self._write(endpoint, reading, predictions, call), call.accept_encoding)

    def _write(
        self, endpoint: Endpoint, reading: Reading, predictions: Predictions, call: Call
    ) -> tuple[dict[str, str], bytes]:
        written = endpoint.write(reading, predictions, call)
        self._metrics.answered(reading.timing, written.verdicts)
        if call.trace:
            call.trace.answered(predictions.model.version, written.verdicts)
        self._canary.compare(call, reading, predictions)
        return written.fields, written.body
