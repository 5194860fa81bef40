"""The origins whose pages may ask the service and read what it answers (CORS, the Fetch standard, section 3.2).

A browser hands a page no response of another origin unless the response allows it, and asks before any request that a
form could not send (the preflight). No cookie is read here, so that a page can do no more than its own server could.
"""

from __future__ import annotations

from service.config import Config

EXPOSED = "Inference-Header-Content-Length, Link, Location, Retry-After, X-Request-ID"
"""Headers of responses that a page may read, besides those that it always may."""
MAX_AGE = 7200
"""Seconds for which a browser keeps what it was allowed; Chromium keeps nothing longer."""


class Origins:
    """Writes the headers that let a page of another origin in.

    Args:
        config: `origins` names those that may; without any, no header is written.
    """

    def __init__(self, config: Config) -> None:
        self._origins = frozenset(config.origins)

    def __bool__(self) -> bool:
        return bool(self._origins)

    def headers(self, origin: str, vary: str) -> dict[str, str]:
        """Return the headers of a response that let a page in, or not.

        Args:
            origin: header `Origin` of the request; empty for none.
            vary: header `Vary` of the response so far; empty for none.
        """
        headers = {"Vary": f"{vary}, Origin" if vary else "Origin"}
        if origin not in self._origins:
            return headers
        return headers | {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED}

    def preflight(self, origin: str, allow: str, asked: str) -> dict[str, str]:
        """Return further headers of the response to a preflight.

        Args:
            origin: header `Origin` of the request.
            allow: methods of the path.
            asked: header `Access-Control-Request-Headers`; all are allowed, since none is secret to the page.
        """
        if origin not in self._origins:
            return {}
        headers = {"Access-Control-Allow-Methods": allow, "Access-Control-Max-Age": str(MAX_AGE)}
        return headers | {"Access-Control-Allow-Headers": asked} if asked else headers
