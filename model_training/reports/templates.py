"""Templates -> pages that hold their own pictures and open offline."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from model_training.reports import plots

TEMPLATES = Path(__file__).parent / "html_templates"
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}

Files = dict[str, bytes]
"""Path within the page's directory -> what it holds."""


def render(template: str, files: Files, **values: Any) -> str:
    """Fill a template; `data(name)` in it is the picture of that name as a data URL."""

    def data(name: str) -> str:
        return f"data:{MEDIA_TYPES[Path(name).suffix]};base64,{base64.b64encode(files[name]).decode()}"

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(template).render(values, data=data, colors=Markup(plots.palette()))
