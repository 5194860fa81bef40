"""Pictures in a Parquet file: a column of encoded pictures, or of paths of pictures beside the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import RequestTooLarge, UnusableInput
from service.score.sources import loose, storage
from service.score.sources.source import File, Mark, Picture, damaged, too_large
from service.score.sources.tools import Tools

ROWS, AT_ONCE = 64, 2 << 20
"""Rows and bytes that are read at a time, at most, but for a row alone."""
BUFFER = 1 << 18
"""Bytes of a column that are read at a time; without it, a row group's are read at once."""
NAMES = ("path", "file", "filename", "file_name", "filepath", "file_path", "image_path", "image", "url")
"""Of a column of paths, if there are several columns of text."""


def marks(file: File, tools: Tools) -> Iterator[Mark]:
    """Find the pictures by the numbers of their rows."""
    with storage.open_file(file.path) as opened:
        table = _open(opened)
        _column(table.schema_arrow)
        rows = table.metadata.num_rows
        for number in range(rows):
            yield Mark(number, file.size // rows)


def read(file: File, start: int, count: int, tools: Tools) -> Iterator[Picture]:
    """Read pictures."""
    with storage.open_file(file.path) as opened:
        table = _open(opened)
        column, field = _column(table.schema_arrow)
        for number, value in enumerate(islice(_values(table, column, field, start), count), start):
            yield _picture(file, number, value, tools)


def _open(opened: Any) -> Any:
    try:
        return pq.ParquetFile(opened, pre_buffer=False, buffer_size=BUFFER)
    except (pa.ArrowException, OSError) as error:
        raise damaged("Parquet file", error) from error


def _column(schema: Any) -> tuple[str, str | None]:
    """Choose the column of pictures, and its field if it is a record, as in the datasets of Hugging Face.

    Raises:
        UnusableInput: there is none.
    """
    for column in schema:
        if _is_bytes(column.type):
            return column.name, None
        if pa.types.is_struct(column.type):
            fields = {field.name: field.type for field in column.type}
            if "bytes" in fields and _is_bytes(fields["bytes"]):
                return column.name, "bytes"
    texts = [
        column.name for column in schema if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    ]
    known = [name for name in texts if name.lower() in NAMES]
    if known or len(texts) == 1:
        return (known or texts)[0], None
    raise UnusableInput(
        "no_pictures",
        "The Parquet file has no column of bytes, and no column of text that is named path; name one so.",
    )


def _is_bytes(kind: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _values(table: Any, column: str, field: str | None, start: int) -> Iterator[bytes | str | None]:
    """Read a column from a row on; the row groups before it are skipped.

    Raises:
        RequestError: the file is damaged, or not made to be read in parts.
    """
    path = f"{column}.{field}" if field else column
    begin = 0
    try:
        for group in range(table.num_row_groups):
            described = table.metadata.row_group(group)
            if begin + described.num_rows > start:
                skipped = max(start - begin, 0)
                size = described.total_byte_size // max(described.num_rows, 1)
                rows = max(min(ROWS, AT_ONCE // max(size, 1)), 1)
                for batch in table.iter_batches(rows, row_groups=[group], columns=[path], use_threads=False):
                    for value in batch.column(0)[skipped:]:
                        found = value.as_py()
                        yield found[field] if field and found else found
                    skipped = max(skipped - len(batch), 0)
            begin += described.num_rows
    except MemoryError:  # which Arrow's are too
        raise RequestTooLarge(
            "too_costly", "A page of the Parquet file takes more memory than there is; write smaller row groups."
        ) from None
    except (pa.ArrowException, OSError) as error:
        raise damaged("Parquet file", error) from error


def _picture(file: File, number: int, value: bytes | str | None, tools: Tools) -> Picture:
    if value is None:
        return Picture(file.path, number, UnusableInput("no_picture", "The row has no picture."))
    if isinstance(value, str):
        return _beside(file.path, number, value, tools)
    whole = len(value) <= tools.config.max_bytes
    return Picture(file.path, number, value if whole else too_large(len(value), tools.config.max_bytes))


def _beside(table: str, number: int, path: str, tools: Tools) -> Picture:
    """Read a picture whose path begins at the table's folder, unless it is absolute or a URL."""
    if not storage.is_url(path):
        path = os.path.join(os.path.dirname(table), path)
    (picture,) = loose.read(File(path, 0, ""), 0, 1, tools)
    return picture._replace(page=number)
