"""Draw signs that are no digit as pen strokes, and the digits of machines as small pictures."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Strokes = list[NDArray[np.float64]]
"""Each (n, 2) points (x, y), y down; a digit would reach from y = -0.5 to 0.5."""
Bitmap = NDArray[np.uint8]
"""(h, w); 0 paper, 255 ink."""

TALL = 40
"""Pixels of a digit's height."""
HERSHEY = (0, 1, 2, 3, 4, 6, 7)
"""OpenCV's fonts of strokes."""
SEGMENTS = (
    "1110111",
    "0010010",
    "1011101",
    "1011011",
    "0111010",
    "1101011",
    "1101111",
    "1010010",
    "1111111",
    "1111011",
)
"""Lit segments of each digit: top, upper left, upper right, middle, lower left, lower right, bottom."""
DOTS = (
    "0E11131519110E", "040C040404040E", "0E11010204081F", "1F02040201110E", "02060A121F0202", "1F101E0101110E",
    "0608101E11110E", "1F010204080808", "0E11110E11110E", "0E11110F01020C",
)  # fmt: skip
"""Seven rows of five dots of each digit, a byte a row."""


BENT = (0.25, 0.5)
"""Least and greatest bend of a bracket; a straighter one, no taller than a digit, would be a 1."""


def sign(name: str, generator: np.random.Generator) -> Strokes:
    """Draw a sign as somebody may write it; a letter becomes a scribble."""
    if name not in _SIGNS:
        return [generator.uniform((-0.35, -0.5), (0.35, 0.5), (int(generator.integers(4, 8)), 2))]
    return _SIGNS[name](generator.uniform)


def _line(*points: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(points)


def _bow(width: float, top: float, bottom: float) -> NDArray[np.float64]:
    turn = np.linspace(-1.1, 1.1, 9)
    return np.stack([-width * np.cos(turn), (top + bottom) / 2 + (bottom - top) / 2 * turn / 1.1], axis=1)


def _slash(u: Callable[..., float]) -> Strokes:
    lean = u(0.3, 0.9)  # with less, and no taller than a digit, it would be a 1
    return [_line((-lean / 2, u(0.5, 0.9)), (lean / 2, u(-0.9, -0.55)))]


def _dash(u: Callable[..., float], y: float = 0.0) -> Strokes:
    half = u(0.08, 0.3)
    return [_line((-half, y + u(-0.12, 0.12)), (half, y + u(-0.12, 0.12)))]


def _dot(u: Callable[..., float], y: float = 0.48) -> Strokes:
    size = u(0, 0.06)
    return [_line((0, y), (u(-1, 1) * size, y + u(-1, 1) * size))]


_SIGNS: dict[str, Callable[[Callable[..., float]], Strokes]] = {
    "/": _slash,
    "-": _dash,
    ".": _dot,
    ",": lambda u: [_line((0, u(0.35, 0.45)), (u(-0.14, 0), u(0.55, 0.75)))],
    ":": lambda u: _dot(u, u(-0.25, -0.05)) + _dot(u, u(0.2, 0.45)),
    "(": lambda u: [_bow(u(*BENT), u(-0.9, -0.6), u(0.55, 0.9))],
    ")": lambda u: [_bow(-u(*BENT), u(-0.9, -0.6), u(0.55, 0.9))],
    "+": lambda u: [*_dash(u), _line((0, u(-0.3, -0.15)), (u(-0.05, 0.05), u(0.15, 0.3)))],
    "=": lambda u: _dash(u, u(-0.2, -0.08)) + _dash(u, u(0.08, 0.2)),
    "#": lambda u: [
        *_dash(u, -0.15), *_dash(u, 0.15), _line((-0.1, 0.4), (0.0, -0.4)), _line((0.1, 0.4), (0.2, -0.4)),
    ],
    "*": lambda u: [_line((-0.12, -0.3), (0.12, -0.05)), _line((0.12, -0.3), (-0.12, -0.05)), *_dash(u, -0.18)],
    "'": lambda u: [_line((0, u(-0.55, -0.45)), (u(-0.06, 0.06), u(-0.35, -0.25)))],
}  # fmt: skip


def seven_segment(generator: np.random.Generator) -> list[Bitmap]:
    """Draw the ten digits of a display of seven segments, of one thickness and slant."""
    wide, thick, gap = int(generator.integers(17, 26)), int(generator.integers(3, 8)), int(generator.integers(0, 3))
    end = wide - thick
    places = [
        (thick // 2, 0, end, 0), (0, thick // 2, 0, TALL // 2), (end, thick // 2, end, TALL // 2),
        (thick // 2, TALL // 2, end, TALL // 2), (0, TALL // 2, 0, TALL), (end, TALL // 2, end, TALL),
        (thick // 2, TALL, end, TALL),
    ]  # fmt: skip
    lean = generator.uniform(0, 0.2)
    dim = int(generator.choice((0, 0, 0, 25, 50)))
    drawn = []
    for lit in SEGMENTS:
        bitmap = np.zeros((TALL + 8, wide + 16), np.uint8)
        for on, (left, top, right, bottom) in sorted(zip(lit, places, strict=True)):
            level_x, level_y = (gap, 0) if top == bottom else (0, gap)
            points = np.array([(left + level_x, top + level_y), (right - level_x, bottom - level_y)], float)
            points[:, 0] += (TALL - points[:, 1]) * lean
            start, stop = np.round((points + 4) * 16).astype(int)
            cv2.line(bitmap, start, stop, 255 if on == "1" else dim, thick, cv2.LINE_AA, 4)
        drawn.append(bitmap)
    return drawn


def dot_matrix(generator: np.random.Generator) -> list[Bitmap]:
    """Draw the ten digits of a display of 5 x 7 dots."""
    radius, apart = generator.uniform(1.6, 3.6), TALL / 7
    drawn = []
    for rows in DOTS:
        bitmap = np.zeros((TALL + 6, round(5 * apart) + 6), np.uint8)
        for y, row in enumerate(bytes.fromhex(rows)):
            for x in range(5):
                if row >> (4 - x) & 1:
                    center = round((3 + apart * (x + 0.5)) * 16), round((3 + apart * (y + 0.5)) * 16)
                    cv2.circle(bitmap, center, round(radius * 16), 255, -1, cv2.LINE_AA, 4)
        drawn.append(bitmap)
    return drawn


def hershey(generator: np.random.Generator) -> list[Bitmap]:
    """Draw the ten digits in one of OpenCV's fonts, of one thickness."""
    font, thick = int(generator.choice(HERSHEY)), int(generator.integers(2, 8))
    if generator.random() < 0.25:
        font |= cv2.FONT_ITALIC
    scale = (TALL - thick) / 21
    drawn = []
    for digit in "0123456789":
        bitmap = np.zeros((3 * TALL, 3 * TALL), np.uint8)
        cv2.putText(bitmap, digit, (TALL, 2 * TALL), font, scale, 255, thick, cv2.LINE_AA)
        drawn.append(bitmap)
    return [cropped(bitmap) for bitmap in drawn]


def typeset(font: str) -> list[Bitmap]:
    """Draw the ten digits in a typeface, as tall as a digit that was written."""
    from PIL import Image, ImageDraw, ImageFont  # only training draws typefaces

    face = ImageFont.truetype(font, 56)
    drawn = []
    for digit in "0123456789":
        page = Image.new("L", (120, 120))
        ImageDraw.Draw(page).text((30, 20), digit, 255, font=face)
        drawn.append(cropped(np.asarray(page)))
    scale = TALL / max(bitmap.shape[0] for bitmap in drawn)
    return [cv2.resize(bitmap, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for bitmap in drawn]


def cropped(bitmap: Bitmap) -> Bitmap:
    """Cut off the paper around the ink."""
    x, y, width, height = cv2.boundingRect(bitmap)
    return bitmap[y : y + height, x : x + width]
