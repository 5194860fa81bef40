"""Store corrections, the digits that people say they drew, until they are trained on or withdrawn."""

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
"""Corrections accepted in a minute, from all people together."""
MOST = 100_000
"""Corrections stored at most."""


@dataclass(frozen=True)
class Correction:
    """A drawing and its true label.

    Attributes:
        label: 0 to 9; None for a non-digit.
        png: the drawing, light ink on black.
        strokes: [[x, y], ...] each, y down; empty for a picture that was not drawn on the page.
        predicted: the digit that the model predicted, or None. The column and the JSON key are named `said`.
        model: name and version of that model, such as `digits 1`.
        id: a secret with which the correction can be withdrawn.
        made: time of the correction, UTC without a zone.
    """

    label: int | None
    png: bytes
    strokes: list[list[list[float]]]
    predicted: int | None
    model: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    made: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))


class Corrections:
    """A table of corrections that all workers share.

    Args:
        url: SQLAlchemy URL of an SQLite or PostgreSQL database. It is opened, and the table created, on first use.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def add(self, correction: Correction) -> None:
        """Store a correction.

        Raises:
            CorrectionsFull: too many arrived in the last minute, or too many are stored.
            CorrectionsUnavailable: the database cannot be used.
        """
        import sqlalchemy as sql

        with self._transaction() as connection:
            since = correction.made - timedelta(minutes=1)
            count = sql.select(sql.func.count()).select_from(self._table)
            if connection.execute(count.where(self._table.c.made > since)).scalar_one() >= PER_MINUTE:
                raise CorrectionsFull("too_many_corrections", "Many corrections are coming in; send it in a minute.")
            if connection.execute(count).scalar_one() >= MOST:
                raise CorrectionsFull("corrections_full", f"{MOST:,} corrections are stored; have them exported first.")
            connection.execute(self._table.insert().values(**vars(correction)))

    def remove(self, correction_id: str) -> bool:
        """Delete a correction; return False if none has that id.

        Raises:
            CorrectionsUnavailable: the database cannot be used.
        """
        with self._transaction() as connection:
            return bool(connection.execute(self._table.delete().where(self._table.c.id == correction_id)).rowcount)

    def __iter__(self) -> Iterator[Correction]:
        """Iterate over all corrections, oldest first.

        Raises:
            CorrectionsUnavailable: the database cannot be used.
        """
        with self._transaction() as connection:
            for row in connection.execute(self._table.select().order_by(self._table.c.made, self._table.c.id)):
                yield Correction(**{column.key: row._mapping[column] for column in self._table.c})

    @cached_property
    def _table(self) -> Table:
        import sqlalchemy as sql

        return sql.Table(
            "corrections",
            sql.MetaData(),
            sql.Column("id", sql.String(32), primary_key=True),
            sql.Column("made", sql.DateTime, nullable=False, index=True),
            sql.Column("label", sql.SmallInteger),
            sql.Column("said", sql.SmallInteger, key="predicted"),
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
        engine = sql.create_engine(
            url, poolclass=sql.NullPool
        )  # corrections are rare, and idle connections cost memory
        try:
            self._table.metadata.create_all(engine)
        except exc.DBAPIError:  # another worker created it at the same time, or it cannot be created
            if not sql.inspect(engine).has_table(self._table.name):
                raise
        return engine

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Open a connection whose changes are committed together or not at all."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise CorrectionsUnavailable(f"Corrections cannot be stored or read: {reason}") from error
