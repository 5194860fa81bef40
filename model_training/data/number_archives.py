"""Read real numbers from an archive: pictures with their truth, and the pen strokes behind some of them.

`truth.jsonl` has one JSON object a picture: `file`, `set`, `writer`, `number` (its digits), `text` (all that is
written), `signs` (whether other signs are there), and where known `digits`, `[{"label", "box": [x, y, w, h]}]`.
`pen_strokes.jsonl.gz` has the strokes of pictures by `file`, y upwards.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training.data import pictures
from models.errors import DatasetError

TRUTH, STROKES = "truth.jsonl", "pen_strokes.jsonl.gz"
SEED = "2026/numbers"
"""Chooses the writers held out. Must never change, or readers could not be compared on them."""
HELD_OUT = 0.5
"""Share of the writers."""


@dataclass(frozen=True)
class WrittenNumber:
    """One picture of a number.

    Attributes:
        file: its name in the archive.
        collection: the set that it belongs to.
        writer: or the photo; all pictures of one are in the same part.
        number: its digits in reading order.
        signs: whether there are other signs than digits.
        boxes: (x, y, width, height) of each digit in the picture, where they are known.
        strokes: each (n, 2) points (x, y), y down; empty where they are not known.
    """

    file: str
    collection: str
    writer: str
    number: str
    text: str
    signs: bool
    boxes: list[tuple[int, int, int, int]]
    strokes: list[NDArray[np.float64]]

    @property
    def held_out(self) -> bool:
        """Whether its writer is kept for the report; the others may be trained on and chosen by."""
        return int(hashlib.sha256(f"{SEED}/{self.writer}".encode()).hexdigest()[:8], 16) < HELD_OUT * 16**8


class NumberArchive:
    """An archive of real numbers.

    Args:
        path: of the zip.

    Raises:
        DatasetError: it is no such archive.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                lines = archive.read(TRUTH).splitlines()
                strokes = gzip.decompress(archive.read(STROKES)).splitlines()
            written = {line["file"]: line["strokes"] for line in map(json.loads, strokes)}
            self.numbers = [_parse(json.loads(line), written) for line in lines]
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise DatasetError(f"{path}: no archive of numbers with {TRUTH} and {STROKES} ({error})") from error

    @staticmethod
    def is_one(path: Path) -> bool:
        """Tell whether a file is an archive of numbers, and not of single digits."""
        if not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            return TRUTH in archive.namelist()

    def pictures(self, numbers: list[WrittenNumber]) -> list[NDArray[np.uint8]]:
        """Decode the pictures of numbers; returns (h, w) uint8 grey levels of each."""
        with zipfile.ZipFile(self._path) as archive:
            return [pictures.grey_levels(archive.read(number.file)) for number in numbers]


def _parse(line: dict[str, Any], strokes: dict[str, list[Any]]) -> WrittenNumber:
    return WrittenNumber(
        line["file"],
        line["set"],
        line["writer"],
        line.get("number") or "",
        line.get("text") or "",
        bool(line.get("signs")),
        [tuple(digit["box"]) for digit in line.get("digits") or [] if "box" in digit],
        [np.array(stroke, float).reshape(-1, 2) * (1, -1) for stroke in strokes.get(line["file"], []) if stroke],
    )
