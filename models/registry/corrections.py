"""What people said a digit was, kept in a database until it is trained on or taken back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import CorrectionsFull, CorrectionsUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

DEFAULT_URL = "sqlite:///corrections/corrections.db"
SCHEMES = ("sqlite:///", "postgresql://")
PER_MINUTE = 60
"""Corrections that are taken in, from everybody together."""
MOST = 100_000
"""Corrections that are kept."""


@dataclass(frozen=True)
class Correction:
    """One drawing and what it really was.

    Attributes:
        label: 0 to 9; None: no digit.
        png: the drawing, light ink on black.
        strokes: as they were drawn, [[x, y], ...] each, y down; empty: it was no drawing but a picture.
        said: the digit that the model had said; None: none.
        model: that said so, such as `digits 1`.
        id: whoever knows it may take the correction back.
        made: when, UTC.
    """

    label: int | None
    png: bytes
    strokes: list[list[list[float]]]
    said: int | None
    model: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    made: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))


class Corrections:
    """A table of corrections, shared by every worker.

    Args:
        url: SQLAlchemy's, of SQLite or PostgreSQL. Connected to when first needed, and the table is made then.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def add(self, correction: Correction) -> None:
        """Keep one.

        Raises:
            CorrectionsFull: too many came in the last minute, or are kept.
            CorrectionsUnavailable: the database cannot be used.
        """
        import sqlalchemy as sql

        with self._transaction() as connection:
            since = correction.made - timedelta(minutes=1)
            count = sql.select(sql.func.count()).select_from(self._table)
            if connection.execute(count.where(self._table.c.made > since)).scalar_one() >= PER_MINUTE:
                raise CorrectionsFull("too_many_corrections", "Many corrections are coming in; send it in a minute.")
            if connection.execute(count).scalar_one() >= MOST:
                raise CorrectionsFull("corrections_full", f"{MOST:,} corrections are kept; have them exported first.")
            connection.execute(self._table.insert().values(**vars(correction)))

    def remove(self, correction_id: str) -> bool:
        """Forget one; False: there is none of that id.

        Raises:
            CorrectionsUnavailable: the database cannot be used.
        """
        with self._transaction() as connection:
            return bool(connection.execute(self._table.delete().where(self._table.c.id == correction_id)).rowcount)

    def __iter__(self) -> Iterator[Correction]:
        """All of them, oldest first.

        Raises:
            CorrectionsUnavailable: the database cannot be used.
        """
        with self._transaction() as connection:
            for row in connection.execute(self._table.select().order_by(self._table.c.made, self._table.c.id)):
                yield Correction(**row._mapping)

    @cached_property
    def _table(self) -> Table:
        import sqlalchemy as sql

        return sql.Table(
            "corrections",
            sql.MetaData(),
            sql.Column("id", sql.String(32), primary_key=True),
            sql.Column("made", sql.DateTime, nullable=False, index=True),
            sql.Column("label", sql.SmallInteger),
            sql.Column("said", sql.SmallInteger),
            sql.Column("model", sql.String(80), nullable=False),
            sql.Column("png", sql.LargeBinary, nullable=False),
            sql.Column("strokes", sql.JSON, nullable=False),
        )

    @cached_property
    def _engine(self) -> Engine:
        import sqlalchemy as sql
        from sqlalchemy import exc

        url = sql.make_url(self._url)
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        engine = sql.create_engine(url, poolclass=sql.NullPool)  # corrections are rare; idle connections are not free
        try:
            self._table.metadata.create_all(engine)
        except exc.DBAPIError:  # another worker was about to make it, or it cannot be made
            if not sql.inspect(engine).has_table(self._table.name):
                raise
        return engine

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A connection whose work is kept whole or not at all."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise CorrectionsUnavailable(f"corrections cannot be kept or read: {reason}") from error
