"""Invalid requests, and the status that the service documents for each."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    name: str
    content_type: str
    body: bytes
    status: int  # the documented one


MISTAKES = (
    Mistake("nothing", "image/png", b"", 400),
    Mistake("a broken PNG", "image/png", b"\x89PNG\r\n\x1a\n and then noise", 400),
    Mistake("broken JSON", "application/json", b'{"image": ', 400),
    Mistake("text", "text/plain", b"seven", 415),
    Mistake("2x2 pixels", "application/json", b'{"pixels": [[0, 255], [255, 0]]}', 422),
    Mistake("too many images", "application/json", json.dumps({"images": [""] * 5000}).encode(), 413),
)
