"""Health, readiness and metrics under Flask."""

from __future__ import annotations

from flask import Blueprint, Response

from service.health import ROUTES, Health
from service.web.adapter import to_flask, to_request


def routes(health: Health) -> Blueprint:
    """Route the probes and metrics to `health`."""
    blueprint = Blueprint("health", __name__)

    def respond(**_: str) -> Response:
        return to_flask(health.respond(to_request()))

    for rule in (*ROUTES, "/v2/models/<name>/ready", "/v2/models/<name>/versions/<version>/ready"):
        blueprint.add_url_rule(rule, view_func=respond)
    return blueprint
