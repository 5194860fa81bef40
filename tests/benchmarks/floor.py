"""The HTTP floor: the service's server with nothing behind it. Reads the body, answers a constant of equal size."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

ANSWER = json.dumps(
    {
        "digit": 7,
        "probabilities": [0.00001234567890123456] * 9 + [0.9998888888888888],
        "confidence": 0.9998888888888888,
        "digit_score": 0.9912345678901234,
        "accepted": True,
        "reason": None,
        "model": {"name": "digits", "version": 1},
        "request_id": "0123456789abcdef0123456789abcdef",
    },
    separators=(",", ":"),
).encode()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """An ASGI application."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})
