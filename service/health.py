"""Health, readiness and metrics: answered at once, without a thread, however busy the service is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from models.errors import Unauthorized
from service.access.api_keys import ApiKeys
from service.inference.served_model import ServedModel
from service.observability import prometheus
from service.observability.shared_counters import Counters
from service.protocols.endpoint import DIGITS
from service.protocols.open_inference.targets import unknown
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
        models: those that are served, by name.
        counters: of all workers.
        keys: API keys, one of which metrics need; None if requests need none.

    Attributes:
        draining: whether this worker is about to stop, and so is not ready.
    """

    def __init__(self, models: Mapping[str, ServedModel[Any]], counters: Counters, keys: ApiKeys | None) -> None:
        self._models = models
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
        if matched := V2_MODEL_READY.fullmatch(request.path):
            name, version = matched.groups()
            if name not in self._models or version not in (None, str(self._models[name].version)):
                return bare_refusal(unknown(Target(name, version)), request.id)
            return json_response({"name": name, "ready": True})
        described = [_describe(model) for model in self._models.values()]
        digits = _describe(self._models[DIGITS])
        return json_response(
            {
                "status": "ready",
                "model": {"name": digits["name"], "version": digits["version"]},
                "refused": digits["refused"],
                "models": described,
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


def _describe(model: ServedModel[Any]) -> dict[str, Any]:
    refused = model.reloader.refused
    return {"name": model.name, "version": model.version, "refused": refused._asdict() if refused else None}
