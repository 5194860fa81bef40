"""Store corrections, the digits that people say they drew, until they are trained on or withdrawn."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING

from models.errors import CorrectionsFull, RequestTooLarge, UnusableInput
from models.registry.corrections_database import PAUSE, CorrectionsDatabase

if TYPE_CHECKING:
    from sqlalchemy import Connection

DEFAULT_URL = "sqlite:///corrections/corrections.db"
SCHEMES = ("sqlite:///", "postgresql://")
PER_MINUTE = 60
"""Corrections accepted in a minute, from all people together."""
MOST = 100_000
"""Corrections stored at most."""
MAX_BYTES = 64 << 10
"""Bytes of one correction: a drawing takes 3 to 10 KB, one of a pen that reports 240 points a second up to 50."""
MAX_STORED = 1 << 30
"""Bytes that the table may take on disk."""
KEY_LIFE = timedelta(days=1)
"""How long an idempotency key is remembered."""
PAGE = 100
"""Corrections that are read at a time, so that nobody who stores one waits for a reader."""
MINUTE = timedelta(minutes=1)
SIZE = {
    "sqlite": "SELECT (page_count - freelist_count) * page_size "
    "FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    "postgresql": "SELECT pg_total_relation_size('corrections')",
}
"""What the table takes on disk, without reading it. SQLite counts the whole file."""
_ID = re.compile(r"[0-9a-f]{32}")


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
        self._database = CorrectionsDatabase(url)
        self._refusal: tuple[str, str] | None = None  # code and detail of the last correction's
        self._refused = 0.0  # when, by the monotonic clock

    def check(self) -> None:
        """Ask, without a call to the database, whether a correction is worth reading.

        Raises:
            CorrectionsFull, CorrectionsUnavailable: the last one was refused so, less than PAUSE ago.
        """
        self._database.check()
        if self._refusal and monotonic() - self._refused < PAUSE:
            raise CorrectionsFull(*self._refusal)

    def add(self, correction: Correction, key: str = "") -> str:
        """Store a correction.

        Args:
            correction: to store.
            key: chosen by the client for this correction; empty for none. With the key of a stored one, nothing is
                stored: the client sends it again because the answer got lost.

        Returns:
            The id of the correction, or of the one that was stored with the key.

        Raises:
            RequestTooLarge: it takes more than MAX_BYTES.
            UnusableInput: its text cannot be stored, or the key is that of another correction.
            CorrectionsFull: too many arrived in the last minute, or too many are stored.
            CorrectionsUnavailable: the database cannot be used.
        """
        from models.registry.correction_tables import CORRECTIONS, KEYS

        strokes = json.dumps(correction.strokes)
        size = len(correction.png) + len(strokes)
        if size > MAX_BYTES:
            detail = (
                f"The ink and the strokes take {size:,} bytes of at most {MAX_BYTES:,}; send fewer points or less ink."
            )
            raise RequestTooLarge("correction_too_large", detail)
        if "\0" in correction.model:
            raise UnusableInput("bad_model", '"model" must not hold the character U+0000; leave it out.')
        content = json.dumps([correction.label, correction.predicted, correction.model, strokes]).encode()
        hashed, content_hash = (sha256(part).hexdigest() for part in (key.encode(), content + correction.png))
        with self._database.transaction(serialized=True) as connection:
            if key and (stored := self._find(connection, hashed, content_hash, correction.made)):
                return stored
            self._refusal = self._full(connection, correction.made)
            self._refused = monotonic()
            if self._refusal:
                raise CorrectionsFull(*self._refusal)
            connection.execute(CORRECTIONS.insert().values(**vars(correction)))
            if key:
                row = {"key": hashed, "content": content_hash, "correction": correction.id, "made": correction.made}
                connection.execute(KEYS.insert().values(**row))
        return correction.id

    def remove(self, correction_id: str) -> bool:
        """Delete a correction; return False if none has that id.

        Raises:
            CorrectionsUnavailable: the database cannot be used.
        """
        if not _ID.fullmatch(correction_id):
            return False
        from models.registry.correction_tables import CORRECTIONS

        with self._database.transaction() as connection:
            return bool(connection.execute(CORRECTIONS.delete().where(CORRECTIONS.c.id == correction_id)).rowcount)

    def __iter__(self) -> Iterator[Correction]:
        """Iterate over all corrections, oldest first.

        Raises:
            CorrectionsUnavailable: the database cannot be used.
        """
        import sqlalchemy as sql

        from models.registry.correction_tables import CORRECTIONS

        columns = CORRECTIONS.c
        order = sql.tuple_(columns.made, columns.id)
        query = CORRECTIONS.select().order_by(columns.made, columns.id).limit(PAGE)
        page = query
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                yield Correction(**{column.key: row._mapping[column] for column in columns})
            if len(rows) < PAGE:
                return
            page = query.where(order > (rows[-1].made, rows[-1].id))

    def _find(self, connection: Connection, key: str, content: str, now: datetime) -> str | None:
        """Find the correction that was stored with a key, and forget keys that are old or of a clock that was wrong."""
        from models.registry.correction_tables import KEYS

        connection.execute(KEYS.delete().where(~KEYS.c.made.between(now - KEY_LIFE, now + KEY_LIFE)))
        row = connection.execute(KEYS.select().where(KEYS.c.key == key)).first()
        if row is None:
            return None
        if row.content != content:
            detail = "Idempotency-Key was used for another correction; choose a new one for each."
            raise UnusableInput("idempotency_key_reused", detail)
        found: str = row.correction
        return found

    def _full(self, connection: Connection, now: datetime) -> tuple[str, str] | None:
        """Return the code and the detail of why no correction is accepted now; None if one is."""
        import sqlalchemy as sql

        from models.registry.correction_tables import CORRECTIONS

        count = sql.select(sql.func.count()).select_from(CORRECTIONS)
        # Those of a clock that was ahead are not of this minute.
        lately = CORRECTIONS.c.made.between(now - MINUTE, now + MINUTE)
        if connection.execute(count.where(lately)).scalar_one() >= PER_MINUTE:
            return "too_many_corrections", "Many corrections are coming in; send it in a minute."
        if connection.execute(count).scalar_one() >= MOST:
            return "corrections_full", f"{MOST:,} corrections are stored; have them exported first."
        if connection.exec_driver_sql(SIZE[connection.dialect.name]).scalar_one() > MAX_STORED - MAX_BYTES:
            detail = f"{MAX_STORED >> 20:,} MiB of corrections are stored; have them exported and deleted first."
            return "corrections_full", detail
        return None
