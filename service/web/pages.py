"""The page, the API's description, and the document behind it."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, make_response, render_template, request

WEB = Path(__file__).parent
STATIC = WEB / "static"
OPENAPI = STATIC / "api" / "openapi.json"
TEXTS = WEB / "texts.json"
DOCS = WEB / "docs.json"
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


FOLDED = {"Open Inference Protocol", "TensorFlow Serving"}
"""Tags of other servers' protocols, whose many operations are described by those servers."""


class Section(NamedTuple):
    """The operations of one tag: their paths and methods."""

    name: str
    description: str
    folded: bool
    operations: list[tuple[str, str]]


def _sections(api: dict[str, Any]) -> list[Section]:
    sections = {tag["name"]: Section(tag["name"], tag["description"], tag["name"] in FOLDED, []) for tag in api["tags"]}
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            sections[operation["tags"][0]].operations.append((path, method))
    return list(sections.values())


def _language(known: Collection[str]) -> str:
    """Choose the language that the address names, or else the one that the browser prefers."""
    language = request.args.get("lang") or request.accept_languages.best_match(known)
    return language if language and language in known else FALLBACK


def routes() -> Blueprint:
    """Route `/`, `/docs` and `/openapi.json`."""
    blueprint = Blueprint("pages", __name__)
    api = json.loads(OPENAPI.read_bytes())
    texts = json.loads(TEXTS.read_bytes())
    docs_words = json.loads(DOCS.read_bytes())
    sections = _sections(api)

    @blueprint.get("/")
    def index() -> Response:
        language = _language(texts)
        words = SimpleNamespace(**texts[language])  # Jinja would find methods of a dictionary: `texts.clear`
        return by_language(render_template("index.html", language=language, texts=words, modules=MODULES))

    @blueprint.get("/docs")
    def docs() -> Response:
        return by_language(describe(_language(docs_words)))

    @cache
    def describe(language: str) -> str:
        words = docs_words[language]
        return render_template("docs.html", api=api, sections=sections, language=language, words=words)

    def by_language(page: str) -> Response:
        response = make_response(page)
        response.vary.add("Accept-Language")
        return response

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        return current_app.send_static_file("api/openapi.json")

    return blueprint
