"""The tables of corrections. Imported when the first correction arrives, since SQLAlchemy takes memory."""

from __future__ import annotations

import sqlalchemy as sql

METADATA = sql.MetaData()

CORRECTIONS = sql.Table(
    "corrections",
    METADATA,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("made", sql.DateTime, nullable=False, index=True),
    sql.Column("label", sql.SmallInteger),
    sql.Column("said", sql.SmallInteger, key="predicted"),
    sql.Column("model", sql.String(80), nullable=False),
    sql.Column("png", sql.LargeBinary, nullable=False),
    sql.Column("strokes", sql.JSON, nullable=False),
)

KEYS = sql.Table(  # of requests that may be sent again; only hashes, and of withdrawn corrections too
    "correction_keys",
    METADATA,
    sql.Column("key", sql.String(64), primary_key=True),
    sql.Column("content", sql.String(64), nullable=False),
    sql.Column("correction", sql.String(32), nullable=False),
    sql.Column("made", sql.DateTime, nullable=False, index=True),
)
