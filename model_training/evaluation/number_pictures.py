"""Take real pictures of numbers out of an archive, as they were sent, with the box of each digit where it is known."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from model_training.data.number_archives import TRUTH, NumberArchive, WrittenNumber
from model_training.evaluation.number_pages import NOTHING, DigitBox, NumberPage

KINDS = {"meter_photos": "meter", "sudoku_photos": "sudoku", "sudoku_printed": "sudoku, printed"}
"""Set of the archive -> kind; pen numbers are `pen`, or `pen, signs` if there are other signs than digits."""
EMPTY = "0"
"""In a row of a grid's truth."""


def real(path: Path, held_out: bool = True) -> list[NumberPage]:
    """Return the pictures of the writers and photos that are held out, or of the others.

    Args:
        path: of an archive of numbers.
        held_out: which part.

    Raises:
        DatasetError: it is no such archive.
    """
    numbers = NumberArchive(path).numbers
    with zipfile.ZipFile(path) as archive:
        truth = map(json.loads, archive.read(TRUTH).splitlines())
        return [
            _page(number, line, archive.read(number.file))
            for number, line in zip(numbers, truth, strict=True)
            if number.held_out == held_out and (number.number or line.get("grid"))
        ]


def _page(number: WrittenNumber, line: dict[str, Any], encoded: bytes) -> NumberPage:
    digits = [DigitBox(int(digit["label"]), tuple(digit["box"])) for digit in line.get("digits") or []]
    kind = KINDS.get(number.collection) or ("pen, signs" if number.signs else "pen")
    if rows := line.get("grid"):
        text = "".join(rows).replace(EMPTY, NOTHING)
        outline = [tuple(corner) for corner in line.get("outline") or []]
        return NumberPage(kind, number.writer, encoded, text, digits, (len(rows), len(rows[0])), outline)
    return NumberPage(kind, number.writer, encoded, number.number, digits)
