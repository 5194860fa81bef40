"""PostgreSQL connections that end in time although the server is silent, which its own time-outs cannot do."""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from time import monotonic
from typing import Any

import psycopg

CONNECT_SECONDS = 2
"""The least that libpq accepts."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed once its time is over.

    Attributes:
        deadline: by the monotonic clock.
    """

    deadline = inf

    def wait(self, gen: Generator[Any, Any, Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server; psycopg calls this for whatever it sends.

        Raises:
            OperationalError: it did not answer in time.
        """
        remaining = self.deadline - monotonic()
        try:
            return super().wait(gen, interval, timeout if remaining == inf else max(0.0, remaining))
        except psycopg.OperationalError:
            if monotonic() >= self.deadline:
                self.pgconn.finish()
            raise


def connect(*args: str, limit: float, **options: Any) -> BoundedConnection:
    """Connect to a server.

    Args:
        args, options: of psycopg's `connect`.
        limit: seconds from now until the connection ends.
    """
    deadline = monotonic() + limit
    connection = BoundedConnection.connect(*args, **options | {"connect_timeout": CONNECT_SECONDS})
    connection.deadline = deadline
    return connection
