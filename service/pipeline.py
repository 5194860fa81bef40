"""The one way from a request for a prediction to its response, whichever server carries it.

`prepare` checks a request and reads it if that is quick; `complete` has it read in the sandbox if it was not, asks the
model and responds. Drivers call the two where they fit: the HTTP protocol calls both on its event loop if the request
is light, else `complete` in a pool; Flask's view calls both in its thread.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import perf_counter

from models.errors import RequestError, TakesLong
from models.inference.digit_model import Prediction
from service.access.admission import Admission
from service.access.api_keys import ApiKeys, Key
from service.config import Config
from service.errors import body_too_large
from service.inference.canary import Shadow
from service.inference.predictor import Predictor
from service.inference.served_models import ServedModels
from service.observability.metrics import Metrics
from service.protocols.body import LIGHT_BYTES
from service.protocols.content_encoding import compress
from service.protocols.endpoint import BLANK, Answers, Endpoint
from service.protocols.explanation import explain
from service.protocols.registry import shapes
from service.protocols.request import Request
from service.protocols.response import Response
from service.sandbox.reading import Reading
from service.sandbox.sandbox import Sandbox

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Prepared:
    """A request that was let in.

    Attributes:
        request: as it came.
        endpoint: the one that it asks.
        predictor: the version that answers it.
        began: when it was let in, by `perf_counter`.
        reading: what it holds; None if the sandbox must read it.
        brief: whether the sandbox reads it in some tens of milliseconds at most.
        remote_key: key whose rate a pool must count, before the request is read; None for none.
    """

    request: Request
    endpoint: Endpoint
    predictor: Predictor
    began: float
    reading: Reading | None = None
    brief: bool = False
    remote_key: Key | None = None

    @property
    def light(self) -> bool:
        """Whether `complete` takes so little time that an event loop may call it."""
        return self.reading is not None and not self.reading.form.explain


class Pipeline:
    """Answers requests for predictions. Threads may share it.

    Args:
        models: the versions that are served.
        shadow: compares the canary; None if it is not to be compared.
        sandbox: reads what takes long.
        admission: limits the requests in progress.
        keys: API keys; None if requests need none.
        config: limits.
        metrics: counts stages and answers.
    """

    def __init__(
        self,
        models: ServedModels,
        shadow: Shadow | None,
        sandbox: Sandbox,
        admission: Admission,
        keys: ApiKeys | None,
        config: Config,
        metrics: Metrics,
    ) -> None:
        self._models = models
        self._shadow = shadow
        self._sandbox = sandbox
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
            prepared = Prepared(request, endpoint, self._choose(request, endpoint), perf_counter())
            if remote:
                prepared.remote_key = key
            else:
                self._read_quickly(prepared)
            return prepared
        except Exception as error:
            if admitted:
                self._admission.release()
            return self.refuse(request, error)

    def cancel(self) -> None:
        """Return the place of a prepared request that will not be completed."""
        self._admission.release()

    def complete(self, prepared: Prepared) -> Response:
        """Read the images, classify the digits and respond. Never raises."""
        request = prepared.request
        try:
            if not prepared.light:
                self._count_wait(prepared)
            reading = prepared.reading or self._read(prepared)
            self._examine(reading, request)
            digits = reading.canonical.digits
            began = perf_counter()
            predictions = prepared.predictor.classify(digits)
            if request.trace:
                request.trace.stage("infer", began, perf_counter())
            response = self.respond(prepared, reading, predictions)
            if self._shadow and (canary := self._models.canary) and prepared.predictor is not canary:
                self._shadow.compare(canary, request.routing_key, digits, predictions)
            return response
        except Exception as error:
            return self.refuse(request, error)
        finally:
            self._admission.release()

    def respond(self, prepared: Prepared, reading: Reading, predictions: list[Prediction]) -> Response:
        """Put predictions, in the order of the digits, into the response.

        Raises:
            RequestError: the response is to explain what this version cannot explain.
        """
        request, model = prepared.request, prepared.predictor.model
        form, canonical = reading
        remaining = iter(predictions)
        results: list[Prediction | RequestError] = []
        for result in canonical.results:
            if isinstance(result, RequestError):
                results.append(result)
            else:
                results.append(BLANK if isinstance(result, Exception) else next(remaining))
        answers = Answers(model.contract.name, model.version, canonical.results, results)
        if form.explain and predictions and canonical.drawing is not None:
            answers.explanation = explain(model, canonical.digits[0], canonical.drawing)
        response = prepared.endpoint.write(form, answers, request)
        for answer in answers.predictions:
            self._metrics.answer(answer.digit, answer.reason, answer.confidence)
        if request.trace:
            verdicts = {r.code if isinstance(r, RequestError) else r.reason or "accepted" for r in results}
            request.trace.attributes["digits.model.version"] = model.version
            request.trace.attributes["digits.images"] = len(results)
            request.trace.attributes["digits.verdict"] = ",".join(sorted(verdicts))
        return compress(response, request.header(b"accept-encoding"))

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

    def _choose(self, request: Request, endpoint: Endpoint) -> Predictor:
        """Choose the version that answers.

        Raises:
            NoSuchModel: the request asks for a model, version or label that is not served.
        """
        target = endpoint.target(request)
        predictor = self._models.choose(target.version, request.routing_key)
        model = predictor.model
        if (
            target.name not in (None, model.contract.name)
            or target.version not in (None, str(model.version))
            or target.label not in (None, self._config.version)
        ):
            raise endpoint.unknown(target)
        return predictor

    def _count_wait(self, prepared: Prepared) -> None:
        """Count how long a request waited for the pool."""
        now = perf_counter()
        self._metrics.stage("queue", now - prepared.began)
        if prepared.request.trace:
            prepared.request.trace.stage("queue", prepared.began, now)

    def _read_quickly(self, prepared: Prepared) -> None:
        """Read a request, unless it may take more than a few milliseconds."""
        request = prepared.request
        if request.body.size > LIGHT_BYTES or b"content-encoding" in request.headers:
            return
        parsed = prepared.endpoint.parse(request, self._config)
        if not parsed.images.light:
            return
        try:
            prepared.reading = Reading(parsed.form, parsed.images.canonicalize(quick=True))
        except TakesLong:
            prepared.brief = True

    def _read(self, prepared: Prepared) -> Reading:
        """Read a request, in a pool."""
        request = prepared.request
        if self._keys and prepared.remote_key:
            self._keys.acquire(prepared.remote_key)
            self._read_quickly(prepared)
        return prepared.reading or self._sandbox.read(
            request, prepared.began + self._config.deadline_seconds, prepared.brief
        )

    def _examine(self, reading: Reading, request: Request) -> None:
        """Count what reading took, and check that it gave what the request needs.

        Raises:
            RequestError: the one image of a request cannot be read, or any image of a strict request.
        """
        form, canonical = reading
        for n, result in enumerate(canonical.results):
            if isinstance(result, RequestError) and form.strict:
                raise type(result)(result.code, f"image {n}: {result.detail}")
            if isinstance(result, RequestError) and not form.batch:
                raise result
        self._metrics.stage("decode", canonical.decode_seconds)
        self._metrics.stage("canonicalize", canonical.canonicalize_seconds)
        if request.trace:
            read = perf_counter()
            decoded = read - canonical.canonicalize_seconds
            request.trace.stage("decode", decoded - canonical.decode_seconds, decoded)
            request.trace.stage("canonicalize", decoded, read)
