"""Corrections: kept, and taken back."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Blueprint, Response, abort, g, request

from models.errors import CorrectionsUnavailable
from models.registry.corrections import Corrections
from service.access.client_address import CorrectionRates, client_address
from service.config import Config
from service.protocols import correction as corrections_protocol
from service.protocols.response import PROBLEM, problem_document
from service.web.adapter import json_response, read_body

log = logging.getLogger(__name__)


def routes(corrections: Corrections, rates: CorrectionRates, config: Config) -> Blueprint:
    """Route `/corrections`."""
    blueprint = Blueprint("corrections", __name__)

    @blueprint.post("/corrections")
    def add() -> Response:
        body, content_type = read_body(config.max_bytes), request.headers.get("Content-Type", "")
        correction = corrections_protocol.parse(body, content_type, config)
        rates.acquire(client_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", "")))
        corrections.add(correction)
        response = json_response({"id": correction.id})
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/corrections/{correction.id}"
        return response

    @blueprint.delete("/corrections/<correction_id>")
    def remove(correction_id: str) -> Response:
        if not corrections.remove(correction_id):
            abort(404, "There is no such correction; it may have been taken back already.")
        return Response(status=HTTPStatus.NO_CONTENT)

    @blueprint.errorhandler(CorrectionsUnavailable)
    def unavailable(error: CorrectionsUnavailable) -> Response:
        log.error("request %s: %s", g.request_id, error)
        detail = "Corrections cannot be kept now; the service's log says why, under the request id."
        status = HTTPStatus.SERVICE_UNAVAILABLE
        response = json_response(problem_document(status, "corrections_unavailable", detail, g.request_id))
        response.status_code = status
        response.headers.update(PROBLEM)
        return response

    return blueprint
