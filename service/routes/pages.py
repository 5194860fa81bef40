"""What a browser opens."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template


def routes() -> Blueprint:
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def index() -> str:
        return render_template("index.html")

    @blueprint.get("/docs")
    def docs() -> str:
        return render_template("docs.html")

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        return current_app.send_static_file("openapi.json")

    return blueprint
