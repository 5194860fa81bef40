"""Compose lines of digits on the fly, as strips that the reader is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data import number_clutter, number_photos
from model_training.data.number_hands import Hand
from model_training.data.number_signs import TALL, Bitmap
from models.numbers.strips import HEIGHT, Strip

GAPS = ((-0.13, 0.0), (0.02, 0.12), (0.12, 0.45), (0.4, 1.2), (-0.1, 0.5))
"""Gaps between digits in heights of a digit: overlapping, close, apart, wide, mixed. One for each line."""
GAP_SHARES = (0.33, 0.22, 0.22, 0.08, 0.15)
PRINTED_GAP_SHARES = (0.05, 0.2, 0.4, 0.3, 0.05)
BENT = 0.45
"""Share of the lines that are bent a little."""
CUT, CUT_SHARE = 0.3, 0.12
"""Most that an edge cuts off a printed line, in heights of a digit, and how often each edge does."""
BLANK = (0.35, 1.0)
"""Width of a blank in the text, in heights of a digit."""


@dataclass(frozen=True)
class Look:
    """How a line is laid out and how it is seen.

    Attributes:
        gap: least and greatest gap between two digits, in heights of a digit.
        jitter: standard deviation of a digit's rise, in heights of a digit.
        slant: tangent.
        turn: radians.
        boxes: whether each digit stands in a box.
        margins: paper above and below the ink, shares of the ink's height.
        stretch: width of the line relative to its height.
        cut: what a picture's left and right edges cut off, in heights of a digit.
    """

    gap: tuple[float, float]
    jitter: float
    slant: float
    turn: float
    boxes: bool
    margins: tuple[float, float]
    stretch: float = 1.0
    cut: tuple[float, float] = (0.0, 0.0)


def random_look(generator: np.random.Generator, printed: bool = False) -> Look:
    """Choose how a line is laid out; machines print further apart, and are seen from the side more often."""
    gap = GAPS[generator.choice(len(GAPS), p=PRINTED_GAP_SHARES if printed else GAP_SHARES)]
    return Look(
        gap=gap,
        jitter=0.0 if printed else abs(generator.normal(0, 0.05)),
        slant=generator.normal(0, 0.14),
        turn=generator.normal(0, 0.02),
        boxes=generator.random() < 0.05,
        stretch=float(np.exp(generator.normal(0, 0.22 if printed else 0.09))),
        margins=(generator.uniform(0.04, 0.3), generator.uniform(0.04, 0.3)),
        cut=tuple(generator.uniform(0, CUT, 2) * (generator.random(2) < CUT_SHARE)) if printed else (0.0, 0.0),
    )


def random_strip(text: str, hand: Hand, look: Look, generator: np.random.Generator) -> Strip:
    """Compose a line, and see it as paper, a screen or a camera may show it.

    Returns:
        (HEIGHT, w) uint8.
    """
    return seen(strip(text, hand, look, generator), generator)


def seen(ink: Strip, generator: np.random.Generator) -> Strip:
    """Add clutter to a strip of clean ink, and see it as paper, a screen or a camera may show it."""
    if generator.random() < BENT:
        ink = number_photos.bend(ink, generator)
    ink = number_clutter.add(ink, generator)
    return number_photos.see(ink, generator)


def strip(text: str, hand: Hand, look: Look, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Compose a line of clean ink.

    Args:
        text: digits, signs, letters and blanks.
        hand: the writer with their pen.
        look: how it is laid out.
        generator: of what is left to chance.

    Returns:
        (HEIGHT, w) uint8; 0 paper, 255 ink.
    """
    return framed(written(text, hand, look, generator), look, generator)


def framed(canvas: Bitmap, look: Look, generator: np.random.Generator) -> Strip:
    """Slant and turn a written line, and scale it to a strip."""
    canvas = _warped(canvas, look)
    left, top, width, height = cv2.boundingRect(cv2.threshold(canvas, 60, 255, cv2.THRESH_BINARY)[1])
    if not width:
        return np.zeros((HEIGHT, HEIGHT), np.uint8)
    off_left, off_right = (round(cut * TALL) for cut in look.cut)
    left, width = left + off_left, max(width - off_left - off_right, 1)
    height = max(height, TALL // 2)  # a line of dashes is not blown up
    above, below = (round(margin * height) for margin in look.margins)
    side = round(generator.uniform(0.1, 0.5) * height)
    whole = np.zeros((height + above + below, width + 2 * side), np.uint8)
    part = canvas[top : top + height, left : left + width]
    whole[above : above + len(part), side : side + width] = part
    columns = max(round(whole.shape[1] * HEIGHT / len(whole) * look.stretch), 8)
    small: Strip = cv2.resize(whole, (columns, HEIGHT), interpolation=cv2.INTER_AREA)
    return small


def written(text: str, hand: Hand, look: Look, generator: np.random.Generator) -> Bitmap:
    """Write the line on a canvas of 2.4 heights of a digit."""
    placed: list[tuple[Bitmap, int, int]] = []
    right, before = 0.0, ""
    for letter in text:
        if letter == " ":
            right += generator.uniform(*BLANK) * TALL
            continue
        bitmap, top = hand.glyph(letter, generator)
        if before:
            between_digits = before.isdecimal() and letter.isdecimal()
            gap = generator.uniform(*look.gap) if between_digits else generator.uniform(max(look.gap[0], -0.03), 0.4)
            right += (max(gap, 0.12) if look.boxes else gap) * TALL
        left = max(round(right), 0)
        row = round(1.2 * TALL + top + generator.normal(0, 1) * look.jitter * TALL)
        placed.append((bitmap, left, row))
        right, before = left + bitmap.shape[1], letter
    canvas = np.zeros((round(2.4 * TALL), max(round(right) + TALL // 2, TALL)), np.uint8)
    for bitmap, left, row in placed:
        row = min(max(row, 0), max(len(canvas) - len(bitmap), 0))
        bitmap = bitmap[: len(canvas) - row]
        part = canvas[row : row + len(bitmap), left : left + bitmap.shape[1]]
        np.maximum(part, bitmap[:, : part.shape[1]], out=part)
    if look.boxes:
        _draw_boxes(canvas, placed, generator)
    return canvas


def _draw_boxes(canvas: Bitmap, placed: list[tuple[Bitmap, int, int]], generator: np.random.Generator) -> None:
    level, thick = int(generator.integers(60, 256)), int(generator.integers(1, 4))
    top, bottom = round(generator.uniform(0.3, 0.6) * TALL), round(generator.uniform(1.8, 2.1) * TALL)
    for bitmap, left, _ in placed:
        space = round(0.05 * TALL)
        corner = max(left - space, 0), top
        overlay = np.zeros_like(canvas)
        cv2.rectangle(overlay, corner, (left + bitmap.shape[1] + space, bottom), level, thick)
        np.maximum(canvas, overlay, out=canvas)


def _warped(canvas: Bitmap, look: Look) -> Bitmap:
    """Slant and turn the line."""
    height, width = canvas.shape
    lean = look.slant
    rise = look.turn
    extra = abs(lean) * height
    high = height + abs(rise) * width
    matrix = np.array([[1, -lean, extra / 2 + lean * height / 2], [rise, 1, (high - height - rise * width) / 2]])
    size = round(width + extra), round(high)
    warped: Bitmap = cv2.warpAffine(canvas, matrix, size, flags=cv2.INTER_LINEAR)
    return warped
