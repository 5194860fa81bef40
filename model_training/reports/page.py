"""Render HTML pages that hold their images and open offline."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from model_training.reports import palette

TEMPLATES = Path(__file__).parent / "templates"
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}

Files = dict[str, bytes]
"""Path within the page's directory -> content."""


def render(template: str, files: Files, **values: Any) -> str:
    """Render a template; in it `data(name)` is the image of that name as a data URL."""

    def data(name: str) -> str:
        return f"data:{MEDIA_TYPES[Path(name).suffix]};base64,{base64.b64encode(files[name]).decode()}"

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(template).render(values, data=data, colors=Markup(palette.css()))
