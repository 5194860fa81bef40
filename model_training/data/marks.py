"""Draw what people put around, under and beside a digit, and what they draw into it: none of it changes the digit."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Ink = NDArray[np.uint8]
"""(h, w) uint8; 0 paper, 255 ink."""
Points = NDArray[np.float64]
TREMBLE = 0.012
"""Of a mark's lines, share of the digit's height, standard deviation."""
DENSITY = 12
"""Points along a straight line, so that it can tremble."""
SUBPIXEL_BITS = 4
MONEY = "$€£¥₩₹"
MONEY_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf")


@dataclass(frozen=True)
class Written:
    """A digit on a page with room around it."""

    ink: Ink
    label: int
    left: int
    top: int
    width: int
    height: int
    pen: float
    """Pixels."""

    @property
    def center(self) -> Points:
        return np.array([self.left + self.width / 2, self.top + self.height / 2])

    def at(self, across: float, down: float) -> tuple[float, float]:
        """Return a place in pixels: 0, 0 is the upper left corner of the digit's box, 1, 1 its lower right one."""
        return self.left + across * self.width, self.top + down * self.height


Mark = Callable[[Written, np.random.Generator], Ink]
"""Draws a mark alone, on a page as large as the digit's."""


def ring(digit: Written, generator: np.random.Generator) -> Ink:
    """Draw a ring that need not close, from tight to wide."""
    u = generator.uniform
    room = u(1.2, 2.5)
    radii = np.array([max(digit.width, digit.height * u(0.5, 1)), digit.height]) / 2 * room + 1.5 * digit.pen
    turn = u(0, 2 * np.pi) + np.linspace(0, 2 * np.pi * u(0.93, 1.1), 60)
    drift = 1 + u(-0.06, 0.06) * np.linspace(-1, 1, 60)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radii * drift[:, None]
    return _drawn(digit, [digit.center + around + generator.normal(0, 0.03, 2) * digit.height], generator)


def underline(digit: Written, generator: np.random.Generator) -> Ink:
    """Draw one line below the digit, or two."""
    u = generator.uniform
    length = max(digit.width, digit.height * 0.5) * u(0.9, 2.2)
    first = digit.top + digit.height + digit.pen + u(0.06, 0.35) * digit.height
    lines = []
    for n in range(1 if generator.random() < 0.8 else 2):
        middle, level, tilt = digit.center[0] + u(-0.2, 0.2) * length, first + 2.5 * n * digit.pen, u(-0.06, 0.06)
        lines.append(_line((middle - length / 2, level - tilt * length), (middle + length / 2, level + tilt * length)))
    return _drawn(digit, lines, generator)


def box(digit: Written, generator: np.random.Generator) -> Ink:
    """Draw a box around the digit, in one stroke or in four."""
    u = generator.uniform
    left, right = digit.left - _gap(digit, generator), digit.left + digit.width + _gap(digit, generator)
    top, bottom = digit.top - _gap(digit, generator), digit.top + digit.height + _gap(digit, generator)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    corners += generator.normal(0, 0.02 * digit.height, corners.shape)
    if generator.random() < 0.5:
        return _drawn(digit, [_line(*corners)], generator)
    over = u(0, 0.15)
    sides = [(a - (b - a) * over, b + (b - a) * over) for a, b in itertools.pairwise(corners)]
    return _drawn(digit, [_line(*side) for side in sides], generator)


def brackets(digit: Written, generator: np.random.Generator) -> Ink:
    """Draw round or square brackets, or the closing one alone."""
    u = generator.uniform
    reach, depth, round_one = digit.height * u(0.55, 0.8), digit.height * u(0.12, 0.3), generator.random() < 0.6
    bow = np.linspace(-1, 1, 13)
    shape = np.stack([np.sqrt(1 - 0.9 * bow**2), bow], axis=1) if round_one else _line((0, -1), (1, -1), (1, 1), (0, 1))
    shape = shape * [depth, reach]
    middle = digit.center[1]
    closing = shape + np.array([digit.left + digit.width + _gap(digit, generator), middle])
    opening = shape * [-1, 1] + np.array([digit.left - _gap(digit, generator), middle])
    return _drawn(digit, [closing] if generator.random() < 0.35 else [opening, closing], generator)


def check_mark(digit: Written, generator: np.random.Generator) -> Ink:
    """Draw a check mark on the right or the left."""
    u = generator.uniform
    size = digit.height * u(0.5, 1.1)
    first = 0, u(0.2, 0.5)  # with a shorter first leg it would be a 1
    shape = _line(first, (u(0.3, 0.45), 1), (u(0.8, 1.1), u(-0.1, 0.2))) * size
    level = digit.top + digit.height * u(0, 1) - size / 2
    if generator.random() < 0.7:
        corner = digit.left + digit.width + _gap(digit, generator), level
    else:
        corner = digit.left - _gap(digit, generator) - 1.1 * size, level
    return _drawn(digit, [shape + corner], generator)


def comma_or_stop(digit: Written, generator: np.random.Generator) -> Ink:
    """Put a comma or a full stop after the digit."""
    u = generator.uniform
    x = digit.left + digit.width + digit.pen + u(0.05, 0.35) * digit.height
    y = digit.top + digit.height * u(0.93, 1.08)
    if generator.random() < 0.5:
        return _drawn(digit, [_line((x, y), (x + u(-0.2, 0.4) * digit.pen, y + u(0, 0.3) * digit.pen))], generator, 1.3)
    length = digit.height * u(0.12, 0.32)
    return _drawn(digit, [_line((x, y), (x - u(0.1, 0.6) * length, y + length))], generator)


def money(digit: Written, generator: np.random.Generator) -> Ink:
    """Put a currency sign before the digit, or after it."""
    u = generator.uniform
    font = _face(MONEY_FONTS[generator.integers(len(MONEY_FONTS))], round(digit.height * u(0.85, 1.3)))
    sign = MONEY[generator.integers(len(MONEY))]
    left, top, right, bottom = font.getbbox(sign)
    x = digit.left + digit.width + _gap(digit, generator)
    if generator.random() < 0.8:
        x = digit.left - _gap(digit, generator) - (right - left)
    y = digit.center[1] - (bottom - top) / 2 + u(-0.1, 0.1) * digit.height
    page = Image.new("L", digit.ink.shape[::-1])
    ImageDraw.Draw(page).text((x - left, y - top), sign, 255, font=font)
    pen = max(round(digit.pen / 3), 1)
    return cv2.dilate(np.asarray(page), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen, pen)))


def slash(digit: Written, generator: np.random.Generator) -> Ink:
    """Draw a slash through a 0, within it or beyond it."""
    u = generator.uniform
    reach = u(0.3, 0.65)
    line = _line(digit.at(0.5 - reach, 0.5 + reach), digit.at(0.5 + reach, 0.5 - reach))
    return _drawn(digit, [line], generator, 0.8)


def dot(digit: Written, generator: np.random.Generator) -> Ink:
    """Put a dot into a 0."""
    x, y = digit.center + generator.normal(0, 0.04, 2) * digit.height
    return _drawn(digit, [_line((x, y), (x + 0.3 * digit.pen, y))], generator, generator.uniform(0.8, 1.3))


def cross(digit: Written, generator: np.random.Generator) -> Ink:
    """Draw a bar through the stem of a 7."""
    u = generator.uniform
    level, middle, half = u(0.42, 0.62), u(0.4, 0.65), u(0.22, 0.5)
    line = _line(digit.at(middle - half, level + u(-0.05, 0.05)), digit.at(middle + half, level + u(-0.08, 0.05)))
    return _drawn(digit, [line], generator, 0.9)


def _gap(digit: Written, generator: np.random.Generator) -> float:
    """Return the pixels between a digit and what stands beside it."""
    return digit.pen + float(generator.uniform(0.1, 0.4)) * digit.height


def _line(*points: tuple[float, float] | Points) -> Points:
    return np.array(points, float)


def _drawn(digit: Written, lines: list[Points], generator: np.random.Generator, thick: float = 1.0) -> Ink:
    """Draw lines by a pen like the digit's, which trembles."""
    page = np.zeros_like(digit.ink)
    pen = max(round(digit.pen * thick * generator.uniform(0.6, 1.15)), 1)
    for line in lines:
        pixels = np.round(_trembling(line, TREMBLE * digit.height, generator) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.polylines(page, [pixels], False, 255, pen, cv2.LINE_AA, SUBPIXEL_BITS)
    return page


def _trembling(line: Points, by: float, generator: np.random.Generator) -> Points:
    """Shift the points of a line, of which there are many, by noise that is smooth along it."""
    at = np.linspace(0, len(line) - 1, DENSITY * (len(line) - 1) + 1 if len(line) <= DENSITY else len(line))
    dense = np.stack([np.interp(at, np.arange(len(line)), line[:, axis]) for axis in (0, 1)], axis=1)
    noise = cv2.GaussianBlur(generator.normal(0, 1, dense.shape), (1, 4 * DENSITY + 1), DENSITY / 2)
    return dense + noise * by * DENSITY**0.5


@cache
def _face(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)
