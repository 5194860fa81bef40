"""The machines that print or show a line: typefaces, displays, odometers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from model_training.data.number_hands import Glyph, Hand, Pen, StrokeWriter
from model_training.data.number_signs import TALL, Bitmap


class Machine:
    """Digits that a machine prints or shows; each is the same wherever it stands."""

    def __init__(self, digits: list[Bitmap], letters: StrokeWriter) -> None:
        self._digits, self._letters = digits, letters

    def hand(self, generator: np.random.Generator) -> Hand:
        return self

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        if not letter.isdecimal():
            return Pen(0.12).draw(self._letters.strokes(letter, generator))
        bitmap = self._digits[int(letter)]
        return Glyph(bitmap, -len(bitmap) / 2)


class Housing(NamedTuple):
    """How the wheels of one photo stand in their housing; levels of ink, where the digits have `digit`."""

    digit: float
    ground: float
    seam: float
    left: int
    """Columns of the seam before a wheel."""
    right: int
    """Columns of the seam after it."""
    rows: int
    """Of the window."""
    apart: int
    """Rows from a digit of a wheel to the next."""


class Odometer(Machine):
    """Wheels behind windows, of which some are turned, by a third of the way at most."""

    TURN, TURNED = 0.33, 0.35
    _housing = Housing(255, 0, 0, 0, 0, round(1.3 * TALL), round(1.45 * TALL))

    def hand(self, generator: np.random.Generator) -> Hand:
        """Return the wheels as one photo shows them."""
        wheels = Odometer(self._digits, self._letters)
        wheels._housing = _random_housing(generator)
        return wheels

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        if not letter.isdecimal():
            return super().glyph(letter, generator)
        housing = self._housing
        wheel = np.zeros((housing.rows, TALL), np.float32)
        turned = generator.uniform(-self.TURN, self.TURN) if generator.random() < self.TURNED else 0.0
        for step in (-1, 0, 1):
            digit = self._digits[(int(letter) + step) % 10]
            top = round(len(wheel) / 2 - len(digit) / 2 + (turned + step) * housing.apart)
            left = max((TALL - digit.shape[1]) // 2, 0)
            first, last = max(top, 0), min(top + len(digit), len(wheel))
            if first < last:
                part = digit[first - top : last - top, :TALL] / np.float32(255)
                shown = wheel[first:last, left : left + part.shape[1]]
                np.maximum(shown, part, out=shown)
        window = housing.ground + wheel * (housing.digit - housing.ground)
        whole = np.pad(window, ((0, 0), (housing.left, housing.right)), constant_values=housing.seam)
        return Glyph(whole.astype(np.uint8), -len(whole) / 2)


def _random_housing(generator: np.random.Generator) -> Housing:
    """Choose plain wheels, wheels between seams that may be lighter than their digits, or digits on light patches."""
    u = generator.uniform
    rows, apart = round(u(1.02, 1.4) * TALL), round(u(1.3, 1.6) * TALL)
    way = generator.random()
    if way < 0.3:
        return Housing(255, u(0, 90), 0, 0, 0, rows, apart)
    if way < 0.75:
        left, right = (int(side) for side in generator.integers(0, round(0.35 * TALL), 2))
        return Housing(u(90, 255), u(0, 60), u(60, 255), left * int(generator.random() < 0.6), right, rows, apart)
    side = int(generator.integers(0, round(0.3 * TALL)))
    return Housing(u(0, 90), u(150, 255), 0, side, side, rows, apart)
