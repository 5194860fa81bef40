"""Flask blueprints, one a noun."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response


def json_response(document: dict[str, Any] | list[dict[str, Any]]) -> Response:
    """A document as orjson writes it."""
    return Response(orjson.dumps(document), mimetype="application/json")
