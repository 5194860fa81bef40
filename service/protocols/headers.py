"""The headers that every answer carries, by whichever way it goes out."""

from __future__ import annotations

import functools
import os
import re
import time
from email.utils import formatdate

REQUEST_ID = "X-Request-ID"

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str) -> str:
    """The caller's id of a request if it is well formed, else a new one of 32 hexadecimal digits."""
    return given if given and _WELL_FORMED.fullmatch(given) else os.urandom(16).hex()


def of_all() -> dict[str, str]:
    """What every answer carries, its date included: gunicorn's own stands still if the clock is set back."""
    return SECURITY | {"Date": date()}


def date() -> str:
    """The time now as HTTP writes it."""
    return _date(int(time.time()))


@functools.lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
