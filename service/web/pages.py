"""The page, the API's description, and the document behind it."""

from __future__ import annotations

import json
import posixpath
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from flask import Blueprint, Response, current_app, make_response, render_template, request

WEB = Path(__file__).parent
STATIC = WEB / "static"
OPENAPI = STATIC / "api" / "openapi.json"
TEXTS = WEB / "texts.json"
FALLBACK = "en"
MAIN = "draw/main.js"
IMPORT = re.compile(r'^import .* from "(.+)";$', re.MULTILINE)


def _modules(name: str, found: set[str]) -> set[str]:
    """Add a module to those found, and all that it imports at once; what it imports later is not needed at first."""
    if name not in found:
        found.add(name)
        for imported in IMPORT.findall((STATIC / name).read_text()):
            _modules(posixpath.normpath(f"{posixpath.dirname(name)}/{imported}"), found)
    return found


MODULES = sorted(_modules(MAIN, set()))
"""Modules of the page to preload, so that none waits for the one that imports it."""


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
        words = SimpleNamespace(**texts[language])  # Jinja would find methods of a dictionary: `texts.clear`
        page = render_template("index.html", language=language, texts=words, modules=MODULES)
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
