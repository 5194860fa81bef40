"""Transactions in the database of corrections, SQLite or PostgreSQL, none of which waits for longer than a LIMIT."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from models.errors import CorrectionsUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LIMIT = 3.0
"""Seconds that a call may take in PostgreSQL."""
BUSY = 1.5
"""Seconds to wait for SQLite's lock, once to begin and once to commit."""
PAUSE = 1.0
"""Seconds that a database which failed is left alone."""
SERIALIZE = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SET LOCAL statement_timeout = '2s'; SET LOCAL idle_in_transaction_session_timeout = '3s'; "
    "SELECT pg_advisory_xact_lock(hashtext('digits corrections'))",
}
"""What makes a transaction the only one of its kind, on all machines. PostgreSQL ends it if its client does not."""


class CorrectionsDatabase:
    """A database that is opened, and its tables created, on first use.

    Args:
        url: as SQLAlchemy's.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._ready = False  # the tables are there
        self._lock = Lock()
        self._retry_at = 0.0  # by the monotonic clock; 0 if the last call succeeded

    def check(self) -> None:
        """Ask whether the database is used now.

        Raises:
            CorrectionsUnavailable: it failed less than PAUSE ago, or another thread tries it again.
        """
        if monotonic() < self._retry_at:
            raise CorrectionsUnavailable("Corrections cannot be stored or read: the database failed a moment ago.")

    @contextmanager
    def transaction(self, serialized: bool = False) -> Iterator[Connection]:
        """Open a connection whose changes are committed together or not at all.

        Args:
            serialized: whether to wait until no other transaction of this kind is open.

        Raises:
            CorrectionsUnavailable: the database cannot be used, or as `check`.
        """
        from sqlalchemy.exc import SQLAlchemyError

        from models.registry.correction_tables import METADATA

        with self._lock:
            self.check()
            if self._retry_at:  # this thread tries it; one that hangs shall not hold the others
                self._retry_at = monotonic() + LIMIT + PAUSE
        retry_at = 0.0
        try:
            with self._engine.begin() as connection:
                incomplete = not self._ready and self._lacks_tables(connection)
                if serialized or incomplete:
                    connection.exec_driver_sql(SERIALIZE[connection.dialect.name])
                if incomplete:
                    METADATA.create_all(connection)
                yield connection
            self._ready = True
        except (SQLAlchemyError, OSError) as error:
            retry_at = monotonic() + PAUSE
            self._ready = False  # perhaps somebody removed the tables
            reason = str(error).splitlines()[0]
            raise CorrectionsUnavailable(f"Corrections cannot be stored or read: {reason}") from error
        finally:
            self._retry_at = retry_at

    def _lacks_tables(self, connection: Connection) -> bool:
        import sqlalchemy as sql

        from models.registry.correction_tables import METADATA

        return not METADATA.tables.keys() <= set(sql.inspect(connection).get_table_names())

    @cached_property
    def _engine(self) -> Engine:
        import sqlalchemy as sql

        url = sql.make_url(self._url)
        # Corrections are rare, and idle connections cost memory.
        if url.get_backend_name() == "sqlite":
            if url.database:
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            options = {"isolation_level": None, "timeout": BUSY}  # transactions begin where SERIALIZE says
            engine = sql.create_engine(url, poolclass=sql.NullPool, connect_args=options)
        else:
            url = url.set(drivername="postgresql+psycopg")
            engine = sql.create_engine(url, poolclass=sql.NullPool)
            sql.event.listen(engine, "do_connect", _connect)
        return engine


def _connect(dialect: object, record: object, args: tuple[str, ...], options: dict[str, object]) -> object:
    """Connect to PostgreSQL."""
    from models.registry.postgresql import connect

    return connect(*args, **options, limit=LIMIT)
