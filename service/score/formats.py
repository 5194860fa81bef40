"""Rows -> a shard as Parquet, CSV or JSON lines: the same bytes wherever it was scored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from service.score.job import DIGIT
from service.score.row import Row

METADATA = b"digits"
"""Key of a Parquet file's metadata, whose value is the job's description as JSON."""


def schema(read_as: str, description: dict[str, Any]) -> Any:
    """Return the schema of the rows, in the order of Row, with the job's description in its metadata."""
    ten = pa.list_(pa.float32())
    fields = [
        pa.field("path", pa.string(), nullable=False),
        pa.field("page", pa.int32()),
        pa.field("answer", pa.string()),
        pa.field("probabilities", ten if read_as == DIGIT else pa.list_(ten)),
        pa.field("confidence", pa.float32()),
        pa.field("digit_score", pa.float32()),
        pa.field("accepted", pa.bool_()),
        pa.field("reason", pa.string()),
        pa.field("boxes", pa.list_(pa.list_(pa.int32()))),
        pa.field("error", pa.string()),
    ]
    return pa.schema(fields, {METADATA: json.dumps(description)})


def parquet(rows: Sequence[Row], read_as: str, description: dict[str, Any]) -> bytes:
    """Write rows as a Parquet file of one row group."""
    made = schema(read_as, description)
    columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), made, strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, made), sink, row_group_size=len(rows), compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def jsonl(rows: Sequence[Row], read_as: str, description: dict[str, Any]) -> bytes:
    """Write rows as objects, one a line."""
    return b"".join(
        orjson.dumps(_rounded(row)._asdict(), option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
        for row in rows
    )


def csv_(rows: Sequence[Row], read_as: str, description: dict[str, Any]) -> bytes:
    """Write rows as RFC 4180 says, under their names; lists are JSON."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(Row._fields)
    writer.writerows([_cell(value) for value in _rounded(row)] for row in rows)
    return text.getvalue().encode()


FORMATS: dict[str, Callable[[Sequence[Row], str, dict[str, Any]], bytes]] = {
    "parquet": parquet, "csv": csv_, "jsonl": jsonl,
}  # fmt: skip
"""The function that writes each format, whose name ends that of a shard."""


def _rounded(row: Row) -> Row:
    """Round numbers to float32, as in Parquet, whose shortest spelling is short."""
    return row._replace(
        probabilities=None if row.probabilities is None else np.array(row.probabilities, np.float32),  # type: ignore[arg-type]
        confidence=None if row.confidence is None else np.float32(row.confidence),  # type: ignore[arg-type]
        digit_score=None if row.digit_score is None else np.float32(row.digit_score),  # type: ignore[arg-type]
    )


def _cell(value: object) -> object:
    if isinstance(value, np.ndarray | list | bool):
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return value
