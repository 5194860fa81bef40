"""Health, readiness and metrics: answered at once, without a thread, however busy the service is."""

from __future__ import annotations

import re
from http import HTTPStatus

from models.errors import Unauthorized
from service.access.api_keys import ApiKeys
from service.inference.reloader import Reloader
from service.inference.served_models import ServedModels
from service.observability import prometheus
from service.observability.shared_counters import Counters
from service.protocols.open_inference import unknown
from service.protocols.registry import is_bare
from service.protocols.request import Request, Target
from service.protocols.response import PROBLEM, Response, bare_refusal, json_response, problem_document, refusal

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
V2_LIVE, V2_READY = "/v2/health/live", "/v2/health/ready"
V2_MODEL_READY = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/ready")
ROUTES = (LIVE, READY, METRICS, V2_LIVE, V2_READY)
V2_MODEL_ROUTE = "/v2/models/<name>/ready"
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE


def route(path: str) -> str | None:
    """Return the route of a path that Health answers, by which it is counted; None for any other path."""
    if path in ROUTES:
        return path
    return V2_MODEL_ROUTE if V2_MODEL_READY.fullmatch(path) else None


class Health:
    """Answers the paths that have a `route`.

    Args:
        models: the versions that are served.
        reloader: knows which version is refused.
        counters: of all workers.
        keys: API keys, one of which metrics need; None if requests need none.

    Attributes:
        draining: whether this worker is about to stop, and so is not ready.
    """

    def __init__(self, models: ServedModels, reloader: Reloader, counters: Counters, keys: ApiKeys | None) -> None:
        self._models = models
        self._reloader = reloader
        self._counters = counters
        self._keys = keys
        self.draining = False

    def respond(self, request: Request) -> Response:
        """Respond to a GET or HEAD of a path that has a `route`."""
        if request.path == LIVE:
            return json_response({"status": "live"})
        if request.path == V2_LIVE:
            return json_response({"live": True})
        if request.path == METRICS:
            return self._metrics(request)
        if self.draining:
            return self._not_ready(request)
        if request.path == V2_READY:
            return json_response({"ready": True})
        model = self._models.served.model
        if matched := V2_MODEL_READY.fullmatch(request.path):
            name, version = matched.groups()
            if name != model.contract.name or version not in (None, str(model.version)):
                return bare_refusal(unknown(Target(name, version)), request.id)
            return json_response({"name": name, "ready": True})
        refused = self._reloader.refused
        return json_response(
            {
                "status": "ready",
                "model": {"name": model.contract.name, "version": model.version},
                "refused": refused._asdict() if refused else None,
            }
        )

    def _not_ready(self, request: Request) -> Response:
        if is_bare(request.path):
            return json_response({"error": "the server is about to stop"}, UNAVAILABLE, "service_unavailable")
        detail = "The service is about to stop; ask another."
        document = problem_document(UNAVAILABLE, "service_unavailable", detail, request.id)
        return json_response(document, UNAVAILABLE, "service_unavailable")._replace(headers=PROBLEM)

    def _metrics(self, request: Request) -> Response:
        if self._keys is not None:
            try:
                self._keys.find(request.api_key)
            except Unauthorized as error:
                return refusal(error, request.id)
        body, content_type = prometheus.render(self._counters, request.header(b"accept"))
        return Response(HTTPStatus.OK, {"Content-Type": content_type}, body)
