"""What people said a digit was: kept, and taken back."""

from __future__ import annotations

import logging
from http import HTTPStatus

import orjson
from flask import Blueprint, Response, abort, g, request

from models.errors import CorrectionsUnavailable
from models.registry.corrections import Corrections
from service.access.client_address import Senders, sender
from service.config import Config
from service.errors import PROBLEM_TYPE, document
from service.protocols import correction
from service.web import json_response
from service.web.prediction import read_body

log = logging.getLogger(__name__)


def routes(corrections: Corrections, config: Config, senders: Senders) -> Blueprint:
    """`/corrections`."""
    blueprint = Blueprint("corrections", __name__)

    @blueprint.post("/corrections")
    def add() -> Response:
        received = correction.read(read_body(config), request.headers.get("Content-Type", ""), config)
        senders.admit(sender(request.remote_addr or "", request.headers.get("X-Forwarded-For", "")))
        corrections.add(received)
        response = json_response({"id": received.id})
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/corrections/{received.id}"
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
        problem = document(HTTPStatus.SERVICE_UNAVAILABLE, "corrections_unavailable", detail, g.request_id)
        return Response(orjson.dumps(problem), HTTPStatus.SERVICE_UNAVAILABLE, {"Content-Type": PROBLEM_TYPE})

    return blueprint
