"""Compose pictures of numbers as people send them, with the box of each digit: lines by kind, and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.number_hands import Hand, StrokeWriter
from model_training.data.number_signs import TALL, Bitmap
from model_training.evaluation import number_kinds
from model_training.evaluation.number_kinds import GAPS, PADDING
from models.layout.page import Picture

SEED = 2027
NOTHING = "-"
"""An empty cell, in the text of a grid."""
PAGE, RULED = "page", "ruled"
KINDS = (*GAPS, PAGE)
DIGITS = (2, 8)
"""Fewest and most digits of a line."""
LINES = (3, 6)
"""Fewest and most lines of a page."""
PITCH = (1.4, 2.0)
"""From one line of a page to the next, in heights of a digit."""
INDENT = 1.5
"""Most that a line of a page is indented, in heights of a digit."""
PAGE_GAP = (0.05, 0.4)
"""Between the digits of a page, in heights of a digit."""
JITTER = 0.03
"""Standard deviation of a digit's rise, in heights of a digit."""
SCALE = (0.7, 2.0)
"""Least and greatest height of a digit in the picture, in TALL."""
LIGHT_ON_DARK = 0.15
"""Share of the pictures that are not on paper."""
FAINTEST = 60
"""Grey levels above paper from which a pixel counts as ink of a digit's box."""


class DigitBox(NamedTuple):
    """A digit and the box of its ink."""

    digit: int
    box: tuple[float, float, float, float]
    """x, y, width, height in pixels of the picture."""


@dataclass(frozen=True)
class NumberPage:
    """A picture as it is sent, and what it says.

    Attributes:
        kind: what the scores are grouped by.
        writer: or the photo.
        encoded: a PNG or JPEG file.
        number: its digits in reading order, lines joined by newlines; of a grid row by row, NOTHING where a cell is
            empty.
        boxes: of all its digits in reading order; empty where they are not known.
        grid: rows and columns, if it is to be read as a grid of boxes.
        outline: the grid's four corners (x, y) from the upper left, clockwise, where they are known.
    """

    kind: str
    writer: str
    encoded: bytes
    number: str
    boxes: Sequence[DigitBox] = ()
    grid: tuple[int, int] | None = None
    outline: Sequence[tuple[float, float]] = ()

    @property
    def picture(self) -> Picture:
        """Decode the file, upright: (h, w) uint8 where it is grey, else (h, w, 3) RGB."""
        content = np.frombuffer(self.encoded, np.uint8)
        picture = cv2.imdecode(content, cv2.IMREAD_ANYCOLOR)  # turns as EXIF says
        return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


class _Written(NamedTuple):
    canvas: Bitmap
    boxes: list[DigitBox]


def composed(writers: Sequence[StrokeWriter], count: int, kinds: Sequence[str] = KINDS) -> list[NumberPage]:
    """Compose that many pictures of each kind, each by one writer; always the same ones."""
    everybody = list(dict.fromkeys(writers))
    pages = []
    for kind in kinds:
        generator = np.random.default_rng((SEED, KINDS.index(kind)))
        for _ in range(count):
            at = int(generator.integers(len(everybody)))
            lines = int(generator.integers(LINES[0], LINES[1] + 1)) if kind == PAGE else 1
            digits = [int(generator.integers(DIGITS[0], DIGITS[1] + 1)) for _ in range(lines)]
            hand = everybody[at].hand(generator)
            pages.append(compose(kind, digits, hand, generator, writer=f"composed {at}"))
    return pages


def compose(
    kind: str, digits: Sequence[int], hand: Hand, generator: np.random.Generator, writer: str = ""
) -> NumberPage:
    """Compose one picture.

    Args:
        kind: of KINDS.
        digits: how many of them stand in each line.
        hand: writes them all.
        generator: of what is left to chance.
        writer: to note.
    """
    texts = ["".join(map(str, generator.integers(0, 10, many))) for many in digits]
    gap = GAPS.get(kind, PAGE_GAP)
    canvas, boxes = _stacked([_written(text, hand, gap, generator) for text in texts], generator)
    if kind == RULED or (kind == PAGE and generator.random() < 0.5):
        picture = number_kinds.ruled_paper(canvas, generator)
    else:
        picture = canvas if generator.random() < LIGHT_ON_DARK else 255 - canvas
    scale = float(np.exp(generator.uniform(*np.log(SCALE))))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    placed = [DigitBox(digit, tuple(scale * side for side in box)) for digit, box in boxes]
    encoded = cv2.imencode(".png", picture)[1].tobytes()
    return NumberPage(kind, writer, encoded, "\n".join(texts), placed)


def _written(text: str, hand: Hand, gap: tuple[float, float], generator: np.random.Generator) -> _Written:
    """Write a line on a canvas as wide as its ink."""
    right, placed = 0, []
    for letter in text:
        glyph = hand.glyph(letter, generator)
        x, y, width, height = cv2.boundingRect((glyph.bitmap >= FAINTEST).astype(np.uint8))
        bitmap = glyph.bitmap[y : y + height, x : x + width]
        left = max(right + (round(generator.uniform(*gap) * TALL) if placed else 0), 0)
        placed.append((bitmap, left, glyph.top + y + generator.normal(0, JITTER) * TALL))
        right = left + width
    top = min(row for *_, row in placed)
    placed = [(bitmap, left, round(row - top)) for bitmap, left, row in placed]
    high = max(row + len(bitmap) for bitmap, _, row in placed)
    wide = max(left + bitmap.shape[1] for bitmap, left, _ in placed)
    canvas = np.zeros((high, wide), np.uint8)
    for bitmap, left, row in placed:
        part = canvas[row : row + len(bitmap), left : left + bitmap.shape[1]]
        np.maximum(part, bitmap, out=part)
    boxes = [
        DigitBox(int(letter), (left, row, bitmap.shape[1], len(bitmap)))
        for letter, (bitmap, left, row) in zip(text, placed, strict=True)
    ]
    return _Written(canvas, boxes)


def _stacked(lines: Sequence[_Written], generator: np.random.Generator) -> _Written:
    """Put lines below one another, with paper around them."""
    corners, row = [], PADDING
    for line in lines:
        indent = round(generator.uniform(0, INDENT) * TALL) if len(lines) > 1 else 0
        corners.append((PADDING + indent, row))
        row += max(round(generator.uniform(*PITCH) * TALL), len(line.canvas) + round(0.2 * TALL))
    high = corners[-1][1] + len(lines[-1].canvas) + PADDING
    wide = max(left + line.canvas.shape[1] for (left, _), line in zip(corners, lines, strict=True)) + PADDING
    page: NDArray[np.uint8] = np.zeros((high, wide), np.uint8)
    boxes = []
    for (left, top), line in zip(corners, lines, strict=True):
        page[top : top + len(line.canvas), left : left + line.canvas.shape[1]] = line.canvas
        boxes += [DigitBox(digit, (x + left, y + top, width, height)) for digit, (x, y, width, height) in line.boxes]
    return _Written(page, boxes)
