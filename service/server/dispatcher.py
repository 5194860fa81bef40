"""How a request is answered: at once, on the event loop, or by threads, of which each kind of wait has its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from wsgiref.types import WSGIApplication

from service import health
from service.pipeline.prepared import Prepared
from service.protocols.registry import find
from service.protocols.request import Request
from service.protocols.response import Response
from service.server import wsgi_bridge
from service.server.pools import Pool
from service.server.received import METHODS
from service.services import Services

CORRECTIONS = "/corrections"
SERVER = "*"
"""What OPTIONS asks about if it asks about no path, but the service as a whole (RFC 9110, section 9.3.7)."""
HEAVY_THREADS = 2
BRIEF_THREADS = 1
RATE_THREADS = 2
CORRECTION_THREADS = 2
PAGE_THREADS = 2


class Work(NamedTuple):
    """What a pool must do to answer a request.

    Attributes:
        pool: that does it.
        call: answers, in a thread.
        cancel: called if `call` never will be; None if there is nothing to do then.
    """

    pool: Pool
    call: Callable[[], Response]
    cancel: Callable[[], None] | None = None


class Dispatcher:
    """Answers requests, or says which pool does.

    Args:
        services: long-lived objects.
        app: answers what is neither a prediction nor a probe.
    """

    def __init__(self, services: Services, app: WSGIApplication) -> None:
        self._services = services
        self._app = app
        deadline = services.config.deadline_seconds
        self._heavy = Pool("heavy", HEAVY_THREADS, deadline)
        self._brief = Pool("brief", BRIEF_THREADS, deadline)  # tens of milliseconds, which must not wait for photos
        self._rates = Pool("rates", RATE_THREADS, deadline)  # wait for Redis first
        self._corrections = Pool("corrections", CORRECTION_THREADS, deadline)  # wait for a database
        self._pages = Pool("pages", PAGE_THREADS, deadline)

    def close(self) -> None:
        """Cancel what waits and let the threads end."""
        for pool in (self._heavy, self._brief, self._rates, self._corrections, self._pages):
            pool.close()

    def dispatch(self, request: Request) -> Response | Work:
        """Answer a request, if that takes a few milliseconds at most."""
        if request.method == "POST" and (endpoint := find(request.path)):
            pipeline = self._services.pipeline
            prepared = pipeline.prepare(request, endpoint)
            if not isinstance(prepared, Prepared):
                return prepared
            if prepared.light:
                return pipeline.complete(prepared)
            return Work(self._pool_of(prepared), partial(pipeline.complete, prepared), pipeline.cancel)
        if request.path == SERVER:
            return Response(HTTPStatus.NO_CONTENT, {"Allow": METHODS}, b"")
        if request.method in ("GET", "HEAD") and health.route(request.path):
            return self._services.health.respond(request)
        pool = self._corrections if request.path.startswith(CORRECTIONS) else self._pages
        return Work(pool, partial(wsgi_bridge.call, self._app, request))

    def _pool_of(self, prepared: Prepared) -> Pool:
        if prepared.remote_key:
            return self._rates
        return self._brief if prepared.brief else self._heavy
