"""The page, the API's description, and the document behind it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, render_template, request

WEB = Path(__file__).parent
OPENAPI = WEB / "static" / "api" / "openapi.json"
TEXTS = WEB / "texts.json"
FALLBACK = "en"
MODULES = sorted(path.relative_to(WEB / "static").as_posix() for path in (WEB / "static").rglob("*.js"))
"""Modules to preload, so that none waits for the one that imports it."""


def routes() -> Blueprint:
    """Route `/`, `/docs` and `/openapi.json`."""
    blueprint = Blueprint("pages", __name__)
    api = json.loads(OPENAPI.read_bytes())
    texts = json.loads(TEXTS.read_bytes())

    @blueprint.get("/")
    def index() -> Response:
        language = request.args.get("lang") or request.accept_languages.best_match(texts)
        if language not in texts:
            language = FALLBACK
        page = render_template("index.html", language=language, texts=texts[language], modules=MODULES)
        response = make_response(page)
        response.vary.add("Accept-Language")
        return response

    @blueprint.get("/docs")
    @cache
    def docs() -> str:
        return render_template("docs.html", api=api)

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        return current_app.send_static_file("api/openapi.json")

    return blueprint
