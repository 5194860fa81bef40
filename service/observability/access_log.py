"""The log: a line for each event and, if asked for, for each request; as text or as JSON.

No line holds any part of an image, a body, a query or a key.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from typing import Any

import orjson
from gunicorn.glogging import Logger as GunicornLogger

STDERR = 2


class AccessLog:
    """Writes one line a request, each in a single write, so that the lines of several workers do not mix.

    Args:
        style: `text` or `json`.
        descriptor: file descriptor to write to.
    """

    def __init__(self, style: str, descriptor: int = STDERR) -> None:
        self._json = style == "json"
        self._descriptor = descriptor
        self._second = 0
        self._time = ""

    def request(self, method: str, route: str, status: int, reason: str, seconds: float, request_id: str) -> None:
        """Log a request; the arguments are those of `Metrics.request`."""
        now = time.time()
        if int(now) != self._second:
            self._second = int(now)
            self._time = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        stamp = f"{self._time}.{int(now % 1 * 1000):03}Z"
        milliseconds = round(seconds * 1000, 3)
        if self._json:
            line = orjson.dumps(
                {
                    "time": stamp, "level": "info", "event": "request", "method": method, "route": route,
                    "status": int(status), "reason": reason or None, "ms": milliseconds, "request_id": request_id,
                }
            ) + b"\n"  # fmt: skip
        else:
            why = f" {reason}" if reason else ""
            line = f"{stamp} {method} {route} {status:d}{why} {milliseconds:.1f} ms {request_id}\n".encode()
        os.write(self._descriptor, line)


class JsonFormatter(logging.Formatter):
    """Formats a log record as one line of JSON, in ASCII: whatever an error quotes, nothing ends the line early."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        return json.dumps(document)


class JsonLogger(GunicornLogger):
    """gunicorn's own log as JSON."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())


def configure(style: str) -> None:
    """Send the log records of the service's modules to standard error, in the given style."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
