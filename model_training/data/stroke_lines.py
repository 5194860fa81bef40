"""Read strokes from JSON lines, gzipped or not, of which each line may be broken, endless or hostile."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from model_training.data.sample import Sample

SUFFIXES = (".jsonl", ".jsonl.gz")
MAX_LINE = 1 << 20
"""Bytes; a digit of 4,000 points has 40,000."""
MAX_SKIPPED = 256 << 20
"""Bytes of a longer line that are skipped before the file is given up."""
MAX_COORDINATE = 1e6
"""As in the service; beyond it float32 cannot place a point to a sixteenth of a pixel."""
MAX_NAME = 200
"""Characters of a label, writer or source."""


def read(path: Path) -> Iterator[tuple[str, Sample | str]]:
    """Yield each line's place, and its sample or the reason why it cannot be read.

    Raises:
        Exception: the file is damaged; what was read before is good.
    """
    collection = path.name.removesuffix(".gz").removesuffix(".jsonl")
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        number = 0
        while line := lines.readline(MAX_LINE + 1):
            number += 1
            where = f"{path}:{number}"
            if len(line) > MAX_LINE:
                yield where, f"longer than {MAX_LINE:,} bytes"
                if not _skip_line(lines, line):
                    yield where, "has no end, and the rest of the file is left out"
                    return
            elif line.strip():
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
        source = _name({"source": collection} | document, "source")
        return Sample(_name(document, "label"), f"{source}/{_name(document, 'writer')}", source, collection, strokes)
    except KeyError as error:
        return f"lacks {error}"
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        return f"not a JSON object with label, writer and strokes ({error})"


def _name(document: dict[str, Any], key: str) -> str:
    name = document[key]
    if type(name) not in (str, int) or len(text := str(name)) > MAX_NAME or not text.isprintable():
        raise ValueError(f"{key} must be printable text of at most {MAX_NAME} characters")
    return text


def _skip_line(lines: IO[bytes], line: bytes) -> bool:
    """Read on to the end of a line; return False if that is too far."""
    skipped = 0
    while line and not line.endswith(b"\n") and skipped <= MAX_SKIPPED:
        line = lines.readline(MAX_LINE)
        skipped += len(line)
    return skipped <= MAX_SKIPPED
