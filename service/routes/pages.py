"""What a browser opens, and the API's description."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template

OPENAPI = Path(__file__).parents[1] / "static" / "openapi.json"


def routes() -> Blueprint:
    """`/`, `/docs` and `/openapi.json`."""
    blueprint = Blueprint("pages", __name__)
    api = json.loads(OPENAPI.read_bytes())

    @blueprint.get("/")
    def index() -> str:
        return render_template("index.html")

    @blueprint.get("/docs")
    def docs() -> str:
        return render_template("docs.html", api=api)

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        return current_app.send_static_file(OPENAPI.name)

    return blueprint
