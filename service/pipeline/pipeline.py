"""The way of a request from its arrival to its response.

`prepare` checks a request and reads it if that is quick; `complete` has it read in the sandbox if it was not, asks the
model and responds. Drivers call the two where they fit: the HTTP protocol calls both on its event loop if the request
is light, else `complete` in a pool; Flask's view calls both in its thread.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from models.errors import RequestError
from service.access.admission import Admission
from service.access.api_keys import ApiKeys, Key
from service.config import Config
from service.errors import body_too_large
from service.inference.served_model import ServedModel
from service.observability.metrics import Metrics
from service.pipeline.prepared import Prepared
from service.pipeline.task import Task
from service.protocols.body import LIGHT_BYTES
from service.protocols.content_encoding import compress
from service.protocols.endpoint import Endpoint
from service.protocols.registry import shapes
from service.protocols.request import Request
from service.protocols.response import Response
from service.sandbox.reading import Reading

log = logging.getLogger(__name__)


class Pipeline:
    """Answers requests for predictions. Threads may share it.

    Args:
        tasks: how the requests for each model are read and answered, by its name.
        admission: limits the requests in progress.
        keys: API keys; None if requests need none.
        config: limits.
        metrics: counts waits.
    """

    def __init__(
        self, tasks: Mapping[str, Task], admission: Admission, keys: ApiKeys | None, config: Config, metrics: Metrics
    ) -> None:
        self._tasks = tasks
        self._admission = admission
        self._keys = keys
        self._config = config
        self._metrics = metrics

    def check(self, request: Request, size: int) -> None:
        """Check a request by its head alone, before its body is received.

        Args:
            request: without its body.
            size: of the body, as announced; 0 if it is not known.

        Raises:
            Unauthorized: it has no valid key.
            RequestTooLarge: its body is too large.
        """
        self._find_key(request)
        if size > self._config.max_bytes:
            raise body_too_large(self._config.max_bytes)

    def prepare(self, request: Request, endpoint: Endpoint) -> Prepared | Response:
        """Let a request in: check its key, size, place, rate and target, then read it if that is quick.

        Returns:
            What must be passed to `complete`, unless `cancel` is called instead; or the refusal.
        """
        admitted = False
        try:
            key = self._find_key(request)
            if request.body.size > self._config.max_bytes:
                raise body_too_large(self._config.max_bytes)
            self._admission.acquire()
            admitted = True
            remote = self._keys is not None and key is not None and self._keys.is_remote(key)
            if self._keys and key and not remote:
                self._keys.acquire(key)
            task = self._tasks[endpoint.model]
            prepared = Prepared(request, endpoint, _choose(task.model, request, endpoint), perf_counter())
            if remote:
                prepared.remote_key = key
            else:
                self._begin(task, prepared)
            return prepared
        except Exception as error:
            if admitted:
                self._admission.release()
            return self.refuse(request, error)

    def cancel(self) -> None:
        """Return the place of a prepared request that will not be completed."""
        self._admission.release()

    def complete(self, prepared: Prepared) -> Response:
        """Read the images, ask the model and respond. Never raises."""
        request, task = prepared.request, self._tasks[prepared.endpoint.model]
        try:
            if not prepared.light:
                self._count_wait(task, prepared)
            until = prepared.began + self._config.deadline_seconds
            response = task.answer(prepared, prepared.reading or self._read(task, prepared, until), until)
            return compress(response, request.header(b"accept-encoding"))
        except Exception as error:
            return self.refuse(request, error)
        finally:
            self._admission.release()

    def refuse(self, request: Request, error: Exception) -> Response:
        """Respond to a request that cannot be answered; an error that is no RequestError is the service's fault."""
        if isinstance(error, RequestError):
            return shapes(request.path).refuse(error, request.id)
        log.error("request %s failed", request.id, exc_info=error)
        return shapes(request.path).fail(request.id)

    def _find_key(self, request: Request) -> Key | None:
        if self._keys is None:
            return None
        return self._keys.find(request.api_key)

    def _count_wait(self, task: Task, prepared: Prepared) -> None:
        """Count how long a request waited for the pool."""
        now = perf_counter()
        self._metrics.stage(task.queue, now - prepared.began)
        if prepared.request.trace:
            prepared.request.trace.stage("queue", prepared.began, now)

    def _begin(self, task: Task, prepared: Prepared) -> None:
        """Read a small request, unless it may take more than a few milliseconds."""
        request = prepared.request
        if request.body.size <= LIGHT_BYTES and b"content-encoding" not in request.headers:
            task.begin(prepared, prepared.endpoint.parse(request, self._config))

    def _read(self, task: Task, prepared: Prepared, until: float) -> Reading[Any]:
        """Read a request, in a pool."""
        if self._keys and prepared.remote_key:
            self._keys.acquire(prepared.remote_key)
            self._begin(task, prepared)
        return prepared.reading or task.read(prepared, until)


def _choose(model: ServedModel[Any], request: Request, endpoint: Endpoint) -> Any:
    """Choose the version that answers.

    Raises:
        NoSuchModel: the request asks for a model, version or label that is not served.
    """
    target = endpoint.target(request)
    predictor = model.versions.choose(target.version, request.routing_key)
    if (
        target.name not in (None, model.name)
        or target.version not in (None, str(predictor.model.version))
        or target.label not in (None, model.label)
    ):
        raise endpoint.unknown(target)
    return predictor
