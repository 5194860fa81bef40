"""What every request meets on its way in and out: its id, its errors, its security headers."""

from __future__ import annotations

import logging
import re
import uuid
from http import HTTPStatus

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from models.errors import RequestError
from service.errors import PROBLEM_TYPE, document, problem
from service.routes import json_response

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Hook them into an app."""

    @app.before_request
    def name_request() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        answer = problem(error, g.request_id)
        return json_response(answer, answer["status"], PROBLEM_TYPE)

    @app.errorhandler(HTTPException)
    def refused_by_flask(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        code = status.name.lower()
        answer = document(status, code, error.description or status.description, g.request_id)
        response = json_response(answer, status, PROBLEM_TYPE)
        for name, value in error.get_headers(request.environ):
            if name != "Content-Type":
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.exception("request %s failed", g.request_id)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        detail = "The service failed; its log says why, under the request id."
        return json_response(document(status, "internal_error", detail, g.request_id), status, PROBLEM_TYPE)
