"""Read pen strokes from JSON lines, gzipped or not, of which each line may be broken, endless or hostile."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol, cast

import numpy as np

from model_training.data import labels
from model_training.data.left_out import printable
from model_training.data.sample import Sample

SUFFIXES = (".jsonl.gz", ".jsonl", ".ndjson.gz", ".ndjson")
"""In lower case."""
MAX_LINE = 1 << 20
"""Bytes; a digit of 4,000 points has 40,000."""
MAX_SKIPPED = 256 << 20
"""Bytes of a longer line that are skipped before the file is given up."""
MAX_COORDINATE = 1e6
"""As in the service; beyond it float32 cannot place a point to a sixteenth of a pixel."""
MAX_NAME = 200
"""Characters of a writer or source."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WIDE = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte order marks of other encodings than UTF-8; the longer ones first."""


class Lines(Protocol):
    """What can be read line by line."""

    def readline(self, size: int, /) -> bytes:
        """Read a line, or its first `size` bytes."""


def is_one(name: str) -> bool:
    """Tell whether a file is one of strokes, by its name."""
    return name.lower().endswith(SUFFIXES)


def stem(name: str) -> str:
    """Return the name of a file of strokes without its suffix."""
    return name[: -len(next(suffix for suffix in SUFFIXES if name.lower().endswith(suffix)))]


def read(path: Path) -> Iterator[tuple[str, Sample | str]]:
    """Yield each line's place in a file, and its sample or the reason why it cannot be read.

    Raises:
        Exception: the file is damaged; what was read before is good.
    """
    with path.open("rb") as file:
        yield from read_lines(file, path.name)


def read_lines(file: IO[bytes], name: str) -> Iterator[tuple[str, Sample | str]]:
    """Do as `read` with an open file of that name."""
    collection = printable(stem(name))
    with _in_utf_8(file, packed=name.lower().endswith(".gz")) as lines:
        number = 0
        while line := lines.readline(MAX_LINE + 1):
            number += 1
            where = f":{number}"
            if len(line) > MAX_LINE:
                yield where, f"longer than {MAX_LINE:,} bytes"
                if not _skip_line(lines, line):
                    yield where, "has no end, and the rest of the file is left out"
                    return
            elif line := line.removeprefix(BYTE_ORDER_MARK).strip():
                yield where, parse(line, collection)


def parse(line: bytes, collection: str) -> Sample | str:
    """Parse a line; returns the reason where it cannot be parsed."""
    try:
        document = json.loads(line.decode())
        down = {"up": -1.0, "down": 1.0}.get(document.get("y", "up"))
        if down is None:
            return '"y" is neither up nor down'
        strokes = tuple(np.array(stroke, float).reshape(-1, 2) * [1, down] for stroke in document["strokes"] if stroke)
        if not strokes or not all(np.isfinite(stroke).all() for stroke in strokes):
            return "holds no stroke, or a number that is not finite"
        if not all((np.abs(stroke) <= MAX_COORDINATE).all() for stroke in strokes):
            return f"each coordinate must be from -{MAX_COORDINATE:,.0f} to {MAX_COORDINATE:,.0f}"
        source, writer = _name({"source": collection} | document, "source"), _name(document, "writer")
    except KeyError as error:
        return f"lacks {error}"
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        return f"not a JSON object with label, writer and strokes ({error})"
    if "label" not in document:
        return "lacks 'label'"
    try:
        label = labels.parse(document["label"])
    except ValueError as error:
        return str(error)
    return Sample(label, f"{source}/{writer}", source, collection, strokes)


def _name(document: dict[str, Any], key: str) -> str:
    name = document[key]
    if type(name) not in (str, int) or len(text := str(name)) > MAX_NAME or not text.isprintable():
        raise ValueError(f"{key} must be printable text of at most {MAX_NAME} characters")
    return text


class _Recoded:
    """Lines of another encoding, in UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def readline(self, size: int, /) -> bytes:
        line = self._text.readline(size).lstrip("\ufeff")
        return line.replace("\ufffd", "\udcff").encode("utf-8", "surrogateescape")  # what is damaged stays no text


@contextlib.contextmanager
def _in_utf_8(file: IO[bytes], packed: bool) -> Iterator[Lines]:
    """Unpack lines, and read UTF-16 and UTF-32, which some programs write by themselves, as UTF-8."""
    with contextlib.ExitStack() as stack:
        lines = cast("io.BufferedReader", stack.enter_context(gzip.open(file)) if packed else file)
        start = lines.peek(4)
        encoding = next((encoding for mark, encoding in WIDE.items() if start.startswith(mark)), "")
        if not encoding:
            yield lines
            return
        text = io.TextIOWrapper(lines, encoding, errors="replace", newline="\n")
        stack.callback(text.detach)  # or it would close the file, which is its owner's
        yield _Recoded(text)


def _skip_line(lines: Lines, line: bytes) -> bool:
    """Read on to the end of a line; return False if that is too far."""
    skipped = 0
    while line and not line.endswith(b"\n") and skipped <= MAX_SKIPPED:
        line = lines.readline(MAX_LINE)
        skipped += len(line)
    return skipped <= MAX_SKIPPED
