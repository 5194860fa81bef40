"""The hands that write a line: each gives digits and signs as small pictures, in one pen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data import number_signs
from model_training.data.number_signs import TALL, Bitmap, Strokes

PEN = (0.035, 0.24)
"""Narrowest and widest pen, share of a digit's height."""
CHANGE = 0.07
"""Standard deviation by which a digit is stretched, slanted and turned each time that it is drawn, as shares."""
SUBPIXEL_BITS = 4


class Glyph(NamedTuple):
    """A digit or sign."""

    bitmap: Bitmap
    """(h, w); a digit is about TALL high."""
    top: float
    """Rows from the middle of the line to the bitmap's first row; negative above it."""


class Hand(Protocol):
    """One writer with one pen."""

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        """Draw a digit, a sign or a letter."""


class Pen:
    """Draws strokes, whose unit is a digit's height, with one width."""

    def __init__(self, width: float) -> None:
        self.width = max(round(width * TALL), 1)

    def draw(self, strokes: Sequence[NDArray[np.float64]], scale: float = 1.0) -> Glyph:
        points = np.concatenate(strokes) * (scale * TALL)
        margin = self.width / 2 + 1
        left, top = points.min(axis=0) - margin
        wide, high = np.ceil(points.max(axis=0) + margin - (left, top)).astype(int) + 1
        pixels = np.round((points - (left, top)) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        bitmap = np.zeros((high, wide), np.uint8)
        ends = np.cumsum([len(stroke) for stroke in strokes])
        paths = [pixels[end - len(stroke) : end] for end, stroke in zip(ends, strokes, strict=True)]
        paths = [np.repeat(path, 2, axis=0) if len(path) == 1 else path for path in paths]
        cv2.polylines(bitmap, paths, False, 255, self.width, cv2.LINE_AA, SUBPIXEL_BITS)
        return Glyph(bitmap, top)


def random_pen(generator: np.random.Generator) -> Pen:
    """Choose a pen; narrow ones are as likely as wide ones by their ratio."""
    return Pen(float(np.exp(generator.uniform(*np.log(PEN)))))


class StrokeWriter:
    """A writer whose digits are kept as strokes; what they never wrote is borrowed from the same device."""

    def __init__(self, own: dict[str, list[Strokes]], borrowed: dict[str, list[Strokes]]) -> None:
        self._own, self._borrowed = own, borrowed

    def hand(self, generator: np.random.Generator) -> Hand:
        return _Strokes(self, random_pen(generator))

    @property
    def has_all_digits(self) -> bool:
        """Whether each digit was written by them, or on their device."""
        return all(self._own.get(digit) or self._borrowed.get(digit) for digit in "0123456789")

    def strokes(self, letter: str, generator: np.random.Generator) -> Strokes:
        found = self._own.get(letter) or self._borrowed.get(letter)
        return found[generator.integers(len(found))] if found else number_signs.sign(letter, generator)


class _Strokes:
    def __init__(self, writer: StrokeWriter, pen: Pen) -> None:
        self._writer, self._pen = writer, pen

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        strokes = self._writer.strokes(letter, generator)
        change = np.eye(2) + generator.normal(0, CHANGE, (2, 2))
        return self._pen.draw([stroke @ change for stroke in strokes])


class PictureWriter:
    """Digits as pictures, sorted by thickness, of which a hand takes neighbours; signs by a pen of that thickness."""

    def __init__(self, pictures: list[list[Bitmap]], letters: StrokeWriter) -> None:
        self._digits = [sorted(each, key=_thickness) for each in pictures]
        self._letters = letters

    def hand(self, generator: np.random.Generator) -> Hand:
        return _Pictures(self._digits, self._letters, generator.random())


class _Pictures:
    SPREAD = 0.06
    """Share of the digits, by thickness, that one hand takes."""

    def __init__(self, digits: list[list[Bitmap]], letters: StrokeWriter, place: float) -> None:
        self._digits, self._letters, self._place = digits, letters, place

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        if not letter.isdecimal():
            width = _thickness(self._digits[0][int(self._place * (len(self._digits[0]) - 1))]) / 20
            return Pen(width).draw(self._letters.strokes(letter, generator))
        pool = self._digits[int(letter)]
        at = self._place + generator.uniform(-self.SPREAD, self.SPREAD) / 2
        bitmap = pool[int(min(max(at, 0), 1) * (len(pool) - 1))]
        scale = 2 * generator.uniform(0.9, 1.1)
        bitmap = cv2.resize(bitmap, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        return Glyph(bitmap, -len(bitmap) / 2)


def _thickness(bitmap: Bitmap) -> float:
    """Estimate the width of the pen from what an erosion takes, in pixels."""
    _, mask = cv2.threshold(cv2.copyMakeBorder(bitmap, 1, 1, 1, 1, cv2.BORDER_CONSTANT), 127, 255, cv2.THRESH_BINARY)
    area = cv2.countNonZero(mask)
    return 2 * area / max(area - cv2.countNonZero(cv2.erode(mask, np.ones((3, 3), np.uint8))), 1)
