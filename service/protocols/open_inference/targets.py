"""The path of an inference: which model and version it asks for."""

from __future__ import annotations

import re

from models.errors import NoSuchModel
from service.protocols.request import Request, Target

PATH = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer")


def target(request: Request) -> Target:
    """Read the model and version from the path."""
    matched = PATH.fullmatch(request.path)
    assert matched is not None, "the registry found this endpoint by its path"
    return Target(matched[1], matched[2])


def unknown(target: Target) -> NoSuchModel:
    """Refuse a model or version that is not served."""
    version = f" version {target.version}" if target.version else ""
    return NoSuchModel("not_found", f"Request for unknown model: '{target.name}'{version} is not found")
