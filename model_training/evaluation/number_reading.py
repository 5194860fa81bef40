"""Measure a reader: numbers read wholly right, character error rate, by kind; alone and with single digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_training import progress
from model_training.evaluation.number_kinds import NumberPicture
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel
from models.numbers import ctc, lattice, views
from models.numbers.ctc import Logs
from models.numbers.lattice import JudgedLine
from models.numbers.line_model import LineModel
from models.numbers.pieces import Cutter
from models.numbers.strips import Line, cut
from models.numbers.views import Views

Digits = tuple[int, ...]


@dataclass(frozen=True)
class ReadNumber:
    """A picture, its strip, and what the network makes of its columns; None if it is blank."""

    picture: NumberPicture
    line: Line | None
    logs: Logs
    views: Views
    """Of the strip, as they are served."""


def look(model: LineModel, pictures: Iterable[NumberPicture]) -> list[ReadNumber]:
    """Run the network on each picture once."""
    seen = []
    for picture in progress.track(list(pictures), "reading"):
        try:
            line = cut(picture.drawing, picture.box)
        except BlankDrawing:
            nothing = np.zeros((0, ctc.CLASSES))
            seen.append(ReadNumber(picture, None, nothing, nothing[None]))
        else:
            looked = views.look(model, line.strip)
            seen.append(ReadNumber(picture, line, looked[0], looked))
    return seen


def greedy(read: ReadNumber) -> Digits:
    """Read by the likeliest output of each column."""
    return tuple(span.digit for span in ctc.greedy(read.logs)) if read.line else ()


def best(read: ReadNumber) -> Digits:
    """Read by the beam."""
    return ctc.beam(read.logs)[0].digits if read.line else ()


def served(read: ReadNumber, judge: DigitModel) -> JudgedLine:
    """Read by the lattice of both networks, as the service does."""
    if not read.line:
        return JudgedLine([], 1.0, 0.0)
    return lattice.read(Cutter(read.picture.drawing, read.line), read.views, judge)


def both(line: JudgedLine) -> Digits:
    """Return what both networks read."""
    return tuple(digit.digit for digit in line.digits)


def single_digits(line: JudgedLine) -> Digits:
    """Return what the network for single digits alone says of each digit that both cut out."""
    return tuple(digit.alone.digit or 0 for digit in line.digits)


def scores(seen: Sequence[ReadNumber], answers: Sequence[Digits]) -> dict[str, dict[str, Any]]:
    """Score answers by kind: `n`, `exact` (share read wholly right), `cer` (edits for each digit)."""
    kinds: dict[str, list[tuple[Digits, Digits]]] = {}
    for read, answer in zip(seen, answers, strict=True):
        kinds.setdefault(read.picture.kind, []).append((read.picture.number, answer))
    return {
        kind: {
            "n": len(pairs),
            "exact": sum(truth == answer for truth, answer in pairs) / len(pairs),
            "cer": sum(distance(*pair) for pair in pairs) / max(sum(len(truth) for truth, _ in pairs), 1),
        }
        for kind, pairs in kinds.items()
    }


def distance(a: Digits, b: Digits) -> int:
    """Count the insertions, deletions and replacements between two strings (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, digit in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (digit != other))
    return row[-1]
