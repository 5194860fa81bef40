"""Read whole pictures as the service does, layout first, and score the answers by kind, writer and length."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_training import progress
from model_training.evaluation import number_detection, number_reading
from model_training.evaluation.number_detection import Detection
from model_training.evaluation.number_pages import NOTHING, DigitBox, NumberPage
from models.layout import cells, lines
from models.numbers.number import Number
from models.numbers.reader import NumberReader


@dataclass(frozen=True)
class Answer:
    """What was read in a picture.

    Attributes:
        page: the picture.
        text: as `text` returns it.
        boxes: of all digits.
        accepted: whether the reader trusts the whole.
        seconds: that layout and reader took; decoding is not counted.
    """

    page: NumberPage
    text: str
    boxes: Sequence[DigitBox]
    accepted: bool
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether all is right."""
        return self.text == self.page.number

    @property
    def edits(self) -> int:
        """Characters to insert, delete or replace."""
        return number_reading.distance(tuple(map(ord, self.page.number)), tuple(map(ord, self.text)))

    @property
    def detection(self) -> Detection:
        """Digits found; nothing is counted where the picture's boxes are not known."""
        return number_detection.detect(self.page.boxes, self.boxes) if self.page.boxes else Detection()


def read(reader: NumberReader, pages: Iterable[NumberPage]) -> list[Answer]:
    """Read each picture."""
    return [_read(reader, page) for page in progress.track(list(pages), "reading whole pictures")]


def _read(reader: NumberReader, page: NumberPage) -> Answer:
    picture = page.picture
    began = time.perf_counter()
    number = reader.read(cells.find_cells(picture, *page.grid) if page.grid else lines.find_lines(picture))
    seconds = time.perf_counter() - began
    boxes = [
        DigitBox(digit.prediction.digit, digit.box)
        for line in number.lines
        for digit in line.digits
        if digit.prediction.digit is not None
    ]
    return Answer(page, text(number), boxes, number.accepted, seconds)


def text(number: Number) -> str:
    """Return what was read, lines joined by newlines; of a grid row by row, NOTHING where a cell is empty."""
    if number.grid is None:
        return number.number
    return "".join(NOTHING if digit is None else str(digit) for row in number.grid for digit in row)


def by(answers: Sequence[Answer], key: Callable[[Answer], str]) -> dict[str, dict[str, Any]]:
    """Score the answers of each group, the groups in the order of their first answer."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(key(answer), []).append(answer)
    return {name: score(group) for name, group in groups.items()}


def score(answers: Sequence[Answer]) -> dict[str, Any]:
    """Score at least one answer.

    Returns:
        `n` pictures; `exact`, the share read wholly right; `cer`, edits for each character; `boxes`, the digits whose
        place is known, and of these `precision`, `recall` and `f1`, None without any; `accepted`, the share of the
        pictures; `wrong_accepted`, the share of the accepted ones that is wrong, None without any; `ms`, the median.
    """
    detection = sum((answer.detection for answer in answers), Detection())
    accepted = [answer for answer in answers if answer.accepted]
    known = bool(detection.there)
    return {
        "n": len(answers),
        "exact": sum(answer.exact for answer in answers) / len(answers),
        "cer": sum(answer.edits for answer in answers) / max(sum(len(answer.page.number) for answer in answers), 1),
        "boxes": detection.there,
        "precision": detection.precision if known else None,
        "recall": detection.recall if known else None,
        "f1": detection.f1 if known else None,
        "accepted": len(accepted) / len(answers),
        "wrong_accepted": sum(not answer.exact for answer in accepted) / len(accepted) if accepted else None,
        "ms": float(np.median([answer.seconds for answer in answers])) * 1000,
    }


def kind(answer: Answer) -> str:
    """Name the group of an answer by kind."""
    return answer.page.kind


def writer(answer: Answer) -> str:
    """Name the group of an answer by writer or photo."""
    return answer.page.writer


def length(answer: Answer) -> str:
    """Name the group of an answer by the digits that the picture holds."""
    digits = sum(map(str.isdecimal, answer.page.number))
    return str(digits) if digits <= 8 else "9 to 20" if digits <= 20 else "over 20"
