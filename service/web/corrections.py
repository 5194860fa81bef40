"""Corrections: kept, and taken back."""

from __future__ import annotations

import logging
from http import HTTPStatus
from time import perf_counter

from flask import Blueprint, Response, abort, g, request

from models.errors import CorrectionsUnavailable
from models.registry.corrections import Corrections
from service.access.client_address import CorrectionRates, client_address
from service.config import Config
from service.protocols import idempotency_key
from service.protocols.response import PROBLEM, problem_document
from service.sandbox.sandbox import Sandbox
from service.web.adapter import json_response, to_request

log = logging.getLogger(__name__)


def routes(corrections: Corrections, rates: CorrectionRates, sandbox: Sandbox, config: Config) -> Blueprint:
    """Route `/corrections`."""
    blueprint = Blueprint("corrections", __name__)

    def address() -> str:
        forwarded_for = request.headers.get("X-Forwarded-For", "")
        return client_address(request.remote_addr or "", forwarded_for, config.trusted_proxies)

    @blueprint.post("/corrections")
    def add() -> Response:
        until = perf_counter() + config.deadline_seconds
        rates.acquire(address())
        corrections.check()
        key = idempotency_key.parse(request.headers.get("Idempotency-Key", ""))
        correction = sandbox.read_correction(to_request(config.max_bytes), until)
        correction_id = corrections.add(correction, key)
        response = json_response({"id": correction_id})
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"corrections/{correction_id}"  # relative: the service may lie under a path
        return response

    @blueprint.delete("/corrections/<correction_id>")
    def remove(correction_id: str) -> Response:
        rates.acquire(address(), "take back")
        if not corrections.remove(correction_id):
            abort(404, "There is no such correction; it may have been taken back already.")
        return Response(status=HTTPStatus.NO_CONTENT)

    @blueprint.errorhandler(CorrectionsUnavailable)
    def unavailable(error: CorrectionsUnavailable) -> Response:
        log.error("request %s: %s", g.request_id, error)
        g.reason = "corrections_unavailable"
        detail = "Corrections cannot be kept now; the service's log says why, under the request id."
        status = HTTPStatus.SERVICE_UNAVAILABLE
        response = json_response(problem_document(status, g.reason, detail, g.request_id))
        response.status_code = status
        response.headers.update(PROBLEM)
        response.headers["Retry-After"] = "1"
        return response

    return blueprint
