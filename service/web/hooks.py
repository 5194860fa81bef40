"""What every request meets on its way in and out: its id, its errors, its security headers."""

from __future__ import annotations

import logging
from http import HTTPStatus
from time import perf_counter

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from models.errors import RequestError
from service.access.api_keys import Keys, presented
from service.errors import INTERNAL_ERROR, JSON, PROBLEM_TYPE, bare_failure, bare_refusal, document, failure, refusal
from service.observability.metrics import Metrics
from service.observability.tracing import Traces
from service.protocols import headers
from service.server.trace import CONTEXT, Trace
from service.web.compression import compress

OPEN = ("/", "/docs", "/openapi.json", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready")
"""Paths that need no key: what a probe asks, and what a person reads."""
BARE = ("/v1/", "/v2/")

log = logging.getLogger(__name__)


def install(app: Flask, metrics: Metrics, keys: Keys | None, traces: Traces | None) -> None:
    """Hook them into an app."""

    @app.before_request
    def name_request() -> None:
        g.began, g.reason = perf_counter(), ""
        g.trace = Trace({name: request.headers.get(name, "") for name in CONTEXT}) if traces else None
        g.request_id = headers.request_id(request.headers.get(headers.REQUEST_ID, ""))
        if keys and request.path not in OPEN and not request.path.startswith("/static/"):
            keys.admit(presented(request.headers.get("Authorization", ""), request.headers.get("X-API-Key", "")))

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers[headers.REQUEST_ID] = g.request_id
        for name, value in headers.of_all().items():
            response.headers.setdefault(name, value)
        route = g.get("route") or (request.url_rule.rule if request.url_rule else "none")
        seconds = perf_counter() - g.began
        metrics.request(request.method, route, response.status_code, g.reason, seconds, g.request_id)
        if traces:
            traces.end(g.trace, request.method, route, response.status_code, g.reason, g.request_id)
        return compress(request, response)

    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        g.reason = error.code
        status, fields, body = (bare_refusal if bare() else refusal)(error, g.request_id)
        return Response(body, status, fields)

    @app.errorhandler(HTTPException)
    def refused_by_flask(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        g.reason = status.name.lower()
        detail = error.description or status.description
        fields = dict(error.get_headers(request.environ)) | {"Content-Type": PROBLEM_TYPE}
        if bare():
            return Response(orjson.dumps({"error": detail}), status, fields | JSON)
        return Response(orjson.dumps(document(status, g.reason, detail, g.request_id)), status, fields)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.exception("request %s failed", g.request_id)
        g.reason = INTERNAL_ERROR
        status, fields, body = (bare_failure if bare() else failure)(g.request_id)
        return Response(body, status, fields)


def bare() -> bool:
    """Whether the request speaks a protocol with its own, barer shape of errors."""
    return f"{request.path}/".startswith(BARE)
