"""Pictures of numbers to measure a reader on: composed ones by kind, and real ones from an archive."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data import number_lines
from model_training.data.number_archives import NumberArchive, WrittenNumber
from model_training.data.number_hands import StrokeWriter
from model_training.data.number_lines import Look
from model_training.data.number_signs import TALL
from models.arrays import Drawing
from models.layout.page import Box
from models.numbers import strips

GAPS = {"apart": (0.15, 0.5), "close": (0.02, 0.12), "touching": (-0.1, 0.0), "ruled": (0.05, 0.4)}
"""Kind -> gaps between digits, in heights of a digit."""
SEED = 2026
PADDING = 20
"""Pixels of paper around a composed number."""


@dataclass(frozen=True)
class NumberPicture:
    """A line to be read, and what it says."""

    kind: str
    writer: str
    drawing: Drawing
    box: Box | None
    """Of the line's ink; None: of all ink."""
    number: tuple[int, ...]


def composed(writers: list[StrokeWriter], count: int) -> list[NumberPicture]:
    """Compose that many numbers of each kind, of 2 to 8 digits by one writer each; always the same ones."""
    generator = np.random.default_rng(SEED)
    everybody = list(dict.fromkeys(writers))
    made = []
    for kind, gap in GAPS.items():
        for _ in range(count):
            at = int(generator.integers(len(everybody)))
            text = "".join(map(str, generator.integers(0, 10, generator.integers(2, 9))))
            look = Look(gap, 0.03, generator.normal(0, 0.05), generator.normal(0, 0.01), False, (0.0, 0.0))
            canvas = number_lines.written(text, everybody[at].hand(generator), look, generator)
            drawing = np.pad(canvas, PADDING)
            box = cv2.boundingRect(cv2.threshold(drawing, 60, 255, cv2.THRESH_BINARY)[1])
            if kind == "ruled":
                drawing = strips.ink(ruled_paper(drawing, generator))
            made.append(NumberPicture(kind, str(at), drawing, box, tuple(map(int, text))))
    return made


def ruled_paper(drawing: Drawing, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Show ink on ruled grey paper as the camera of a phone sees it; returns (h, w) grey levels."""
    u, (height, width) = generator.uniform, drawing.shape
    paper = np.full(drawing.shape, u(150, 220), np.float32)
    level, apart = u(15, 60), TALL * u(0.9, 1.6)
    for row in np.arange(u(0, apart), height, apart):
        cv2.line(paper, (0, round(row)), (width, round(row + u(-2, 2))), float(paper[0, 0]) - level, 1)
    paper *= cv2.resize(generator.uniform(0.85, 1.05, (2, 3)).astype(np.float32), (width, height))
    grey = paper * (1 - drawing / 255 * u(0.6, 0.85)) + generator.normal(0, u(2, 7), drawing.shape)
    return np.clip(cv2.GaussianBlur(grey, (0, 0), u(0.5, 1.2)), 0, 255).astype(np.uint8)


def real(archive: NumberArchive, held_out: bool) -> list[NumberPicture]:
    """Return the real numbers of the writers that are held out, or of the others."""
    chosen = [each for each in archive.numbers if each.held_out == held_out and each.number]
    written = [each for each in chosen if each.collection == "pen_numbers"]
    meters = [each for each in chosen if each.collection == "meter_photos" and len(each.boxes) > 1]
    made = []
    for each, grey in zip(written, archive.pictures(written), strict=True):
        kind = "pen, signs" if each.signs else "pen"
        made.append(NumberPicture(kind, each.writer, strips.ink(grey), None, _digits(each)))
    for each, grey in zip(meters, archive.pictures(meters), strict=True):
        line = levelled(grey, each.boxes)
        drawing = strips.ink(line)
        height, width = drawing.shape
        made.append(NumberPicture("meter", each.writer, drawing, (0, 0, width, height), _digits(each)))
    return made


def levelled(grey: NDArray[np.uint8], boxes: list[Box]) -> NDArray[np.uint8]:
    """Cut a line of digits out of a photo along the middles of their boxes, level."""
    centers = np.array([(x + width / 2, y + height / 2) for x, y, width, height in boxes])
    slope = float(np.polyfit(centers[:, 0], centers[:, 1], 1)[0])
    x, y = centers.mean(axis=0)
    high = float(np.median([height for *_, height in boxes]))
    left, right = min(box[0] for box in boxes), max(box[0] + box[2] for box in boxes)
    size = round(right - left), max(round(1.15 * high), 4)
    matrix = np.array([[1, 0, left], [slope, 1, y + slope * (left - x) - size[1] / 2]])
    return cv2.warpAffine(
        grey, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )


def _digits(number: WrittenNumber) -> tuple[int, ...]:
    return tuple(map(int, number.number))
