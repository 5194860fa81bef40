"""Pages on the way from a process to its worker: JSON and the pixels of their lines, each of which is checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import RequestError, RequestTooLarge
from models.layout.page import Page, TextLine
from service.protocols.numbers import MAX_CELLS
from service.sandbox.messages import BadMessage

MAX_LINES = 400
"""Lines of a page, as many as cells of a grid."""
MAX_REQUEST_LINES = 2_000
"""Lines of all pages of a request."""
MAX_BYTES = 8 << 20
"""Pixels of all lines of a request."""
MAX_HEIGHT, MAX_WIDTH = 256, 16_384
"""Pixels of a line."""
MAX_POINTS = 20_000
"""Points of the strokes of a page."""
LINE_BYTES = 512
"""Bytes of JSON of a line without strokes, at most."""
POINT_BYTES = 48
"""Bytes of JSON of a point, at most."""
LARGEST_NUMBER = 1e8


def largest(max_items: int) -> int:
    """Return the most bytes of a message with pages of that many pictures."""
    return MAX_BYTES + MAX_REQUEST_LINES * LINE_BYTES + MAX_POINTS * POINT_BYTES + max_items * 1024


def write(results: Sequence[Page | RequestError]) -> tuple[list[Any], bytes]:
    """Write pages as JSON and bytes; a RequestError stays None.

    Raises:
        RequestTooLarge: they hold more than one request may.
    """
    lines = [line for page in results if isinstance(page, Page) for line in page.lines if line]
    points = sum(len(stroke) for line in lines for stroke in line.strokes or ())
    if (
        any(isinstance(page, Page) and len(page.lines) > MAX_LINES for page in results)
        or len(lines) > MAX_REQUEST_LINES
        or sum(line.drawing.size for line in lines) > MAX_BYTES
        or any(line.drawing.shape[0] > MAX_HEIGHT or line.drawing.shape[1] > MAX_WIDTH for line in lines)
        or points > MAX_POINTS
    ):
        raise RequestTooLarge(
            "too_many_lines",
            "There is more writing than one request may hold; send a part of the page, or fewer pages.",
        )
    documents = [_write_page(page) if isinstance(page, Page) else None for page in results]
    return documents, b"".join(line.drawing.tobytes() for line in lines)


def read(documents: Any, data: bytes) -> Iterator[Page | None]:
    """Read pages, None where there is an error.

    Raises:
        BadMessage: no process that is sound writes this.
    """
    if len(data) > MAX_BYTES:
        raise BadMessage(f"{len(data)} bytes of lines")
    rest = memoryview(data)
    try:
        for document in documents:
            if document is None:
                yield None
                continue
            lines: list[TextLine | None] = []
            _check(len(document["lines"]) <= MAX_LINES)
            for described in document["lines"]:
                if described is None:
                    lines.append(None)
                    continue
                line, size = _read_line(described, rest)
                rest = rest[size:]
                lines.append(line)
            yield Page(lines, _read_grid(document["grid"], len(lines)))
        _check(not rest)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadMessage(f"a page that is none: {error!r}") from error


def _write_page(page: Page) -> dict[str, Any]:
    return {"lines": [line and _write_line(line) for line in page.lines], "grid": page.grid}


def _write_line(line: TextLine) -> dict[str, Any]:
    return {
        "shape": line.drawing.shape,
        "box": [int(number) for number in line.box],
        "to_picture": np.asarray(line.to_picture, np.float64).ravel().tolist(),
        "strokes": None if line.strokes is None else [np.round(stroke, 3).tolist() for stroke in line.strokes],
    }


def _read_line(document: dict[str, Any], data: memoryview) -> tuple[TextLine, int]:
    height, width = document["shape"]
    _check(_is_count(height, MAX_HEIGHT) and _is_count(width, MAX_WIDTH) and height * width <= len(data))
    x, y, across, down = box = tuple(document["box"])
    _check(all(type(number) is int for number in box) and x >= 0 and y >= 0 and across >= 1 and down >= 1)
    _check(x + across <= width and y + down <= height)
    drawing = np.frombuffer(data[: height * width], np.uint8).reshape(height, width)
    to_picture = _numbers(document["to_picture"]).reshape(2, 3)
    strokes = document["strokes"]
    if strokes is not None:
        _check(sum(map(len, strokes)) <= MAX_POINTS)
        strokes = [_numbers(list(chain.from_iterable(stroke))).reshape(-1, 2) for stroke in strokes]
    return TextLine(drawing, box, to_picture, strokes), height * width


def _read_grid(value: Any, lines: int) -> tuple[int, int] | None:
    if value is None:
        return None
    rows, columns = value
    _check(_is_count(rows, MAX_CELLS) and _is_count(columns, MAX_CELLS) and rows * columns == lines)
    return rows, columns


def _is_count(value: Any, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _numbers(values: list[Any]) -> NDArray[np.float64]:
    _check(all(type(value) in (int, float) for value in values))
    _check(all(math.isfinite(value) and abs(value) <= LARGEST_NUMBER for value in values))
    return np.array(values, np.float64)


def _check(sound: bool) -> None:
    if not sound:
        raise ValueError("a value that no layout gives")
