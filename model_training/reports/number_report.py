"""Write the page of a reader: its scores by kind, length and writer, and every mistake as a picture; opens offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.evaluation import number_answers
from model_training.evaluation.number_answers import Answer
from model_training.reports import page
from models.numbers.line_model import LineModel

GROUPINGS = {"kind": number_answers.kind, "digits": number_answers.length, "writer": number_answers.writer}
WRITERS = 60
"""Shown at most, those with the most mistakes first."""
WIDEST, HIGHEST = 480, 320
"""Pixels of a picture in the page, at most."""
FOUND, MISSED = (0x1B, 0x6B, 0xD0), (0xD6, 0x56, 0x24)
"""As (blue, green, red): boxes of the answer in orange, of the truth in blue."""


def scores(answers: Sequence[Answer]) -> dict[str, dict[str, dict[str, Any]]]:
    """Score answers in each grouping: grouping -> group -> scores as `number_answers.score` returns them.

    Lengths are in their order; writers are those with the most mistakes first.
    """
    groupings = {name: number_answers.by(answers, key) for name, key in GROUPINGS.items()}
    by_length, by_writer = groupings["digits"], groupings["writer"]
    groupings["digits"] = {name: by_length[name] for name in sorted(by_length, key=_place)}
    groupings["writer"] = dict(sorted(by_writer.items(), key=lambda item: -item[1]["n"] * (1 - item[1]["exact"])))
    return groupings


def write(model: LineModel, answers: Sequence[Answer]) -> str:
    """Render the page.

    Args:
        model: that read.
        answers: at least one.
    """
    mistakes = [answer for answer in answers if not answer.exact]
    files = {_name(place): picture(answer) for place, answer in enumerate(mistakes)}
    kinds: dict[str, list[tuple[str, Answer]]] = {}
    for place, answer in enumerate(mistakes):
        kinds.setdefault(answer.page.kind, []).append((_name(place), answer))
    return page.render(
        "number_report.html", files, model=model, all=number_answers.score(answers), scores=scores(answers),
        mistakes=kinds, writers=WRITERS,
    )  # fmt: skip


def picture(answer: Answer) -> bytes:
    """Draw the boxes of the truth and of the answer on the picture; returns a PNG file."""
    shown: NDArray[np.uint8] = answer.page.picture
    shown = cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR if shown.ndim == 2 else cv2.COLOR_RGB2BGR)
    scale = min(WIDEST / shown.shape[1], HIGHEST / shown.shape[0], 2)
    shown = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for boxes, color in ((answer.page.boxes, MISSED), (answer.boxes, FOUND)):
        for _, (x, y, width, height) in boxes:
            corners = np.array([(x, y), (x + width, y + height)]) * scale
            upper, lower = corners.round().astype(int).tolist()
            cv2.rectangle(shown, upper, lower, color)
    return cv2.imencode(".png", shown, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def _name(place: int) -> str:
    return f"{place:04}.png"


def _place(length: str) -> int:
    return int("".join(filter(str.isdecimal, length.partition(" ")[0])) or 99)
