"""What every request meets on its way in and out of Flask: its id, its key, its errors, its headers."""

from __future__ import annotations

import logging
from http import HTTPStatus
from time import perf_counter

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from models.errors import RequestError
from service import health
from service.access.api_keys import ApiKeys, presented_key
from service.access.origins import Origins
from service.observability.observer import Observer
from service.protocols import response as responses
from service.protocols.registry import find, is_bare, shapes
from service.protocols.request import request_id
from service.web.adapter import to_flask
from service.web.compression import compress

OPEN_PATHS = ("/", "/docs", "/openapi.json")
"""Pages for people, which need no key."""

log = logging.getLogger(__name__)


def install(app: Flask, observer: Observer, keys: ApiKeys | None, origins: Origins) -> None:
    """Register the hooks."""

    @app.before_request
    def begin() -> None:
        g.began, g.reason = perf_counter(), ""
        g.trace = observer.trace(request.headers.get("traceparent", ""), request.headers.get("tracestate", ""))
        g.request_id = request_id(request.headers.get("X-Request-ID", ""))
        if keys and _needs_key():
            presented = presented_key(request.headers.get("Authorization", ""), request.headers.get("X-API-Key", ""))
            keys.acquire(keys.find(presented))

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        for name, value in responses.SECURITY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Date", responses.date())
        if origins:
            _let_in(response)
        route = g.get("route") or (request.url_rule.rule if request.url_rule else "none")
        seconds = perf_counter() - g.began
        observer.request(request.method, route, response.status_code, g.reason, seconds, g.request_id, g.trace)
        return compress(request, response)

    def _let_in(response: Response) -> None:
        """Let a page of another origin read the response, or know before what it may send."""
        origin = request.headers.get("Origin", "")
        response.headers.update(origins.headers(origin, response.headers.get("Vary", "")))
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            asked = request.headers.get("Access-Control-Request-Headers", "")
            response.headers.update(origins.preflight(origin, response.headers.get("Allow", ""), asked))

    @app.errorhandler(RequestError)
    def refuse(error: RequestError) -> Response:
        return to_flask(shapes(request.path).refuse(error, g.request_id))

    @app.errorhandler(HTTPException)
    def refuse_by_flask(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        g.reason = status.name.lower()
        detail = error.description or status.description
        headers = dict(error.get_headers(request.environ))
        if is_bare(request.path):
            return Response(orjson.dumps({"error": detail}), status, headers | responses.JSON)
        document = responses.problem_document(status, g.reason, detail, g.request_id)
        return Response(orjson.dumps(document), status, headers | responses.PROBLEM)

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        log.exception("request %s failed", g.request_id)
        return to_flask(shapes(request.path).fail(g.request_id))


def _needs_key() -> bool:
    """Whether to check the request's key here; probes and pages need none, and the pipeline checks its own requests.

    A browser sends no key with the OPTIONS by which it asks whether it may.
    """
    path = request.path
    if request.method == "OPTIONS":
        return False
    if path in OPEN_PATHS or path.startswith("/static/") or health.route(path) not in (None, health.METRICS):
        return False
    return request.method != "POST" or find(path) is None
