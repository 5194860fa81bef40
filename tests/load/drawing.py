"""Draw digits of any size, place and pen width, as PNGs like those of an HTML canvas."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from tests.load.strokes import DIGITS, Point

CANVAS = 280  # pixels, both sides
HEIGHT = (80, 220)  # of the digit, pixels
PEN = (8, 26)  # width, pixels
SUPERSAMPLED = 2


@dataclass(frozen=True)
class Drawing:
    number: int  # its place in the list
    digit: int  # that it shows
    png: bytes


def draw_many(n: int, seed: int) -> list[Drawing]:
    """Draw n digits, the same for the same seed."""
    generator = random.Random(seed)
    return [Drawing(number, number % 10, _draw(number % 10, generator)) for number in range(n)]


def _draw(digit: int, generator: random.Random) -> bytes:
    pen = generator.uniform(*PEN)
    height = generator.uniform(*HEIGHT)
    width = height * generator.uniform(0.6, 0.9)
    left = generator.uniform(pen, CANVAS - pen - width)
    top = generator.uniform(pen, CANVAS - pen - height)
    canvas = Image.new("RGBA", (CANVAS * SUPERSAMPLED,) * 2, "white")
    for stroke in DIGITS[digit]:
        _stroke(canvas, [((left + x * width) * SUPERSAMPLED, (top + y * height) * SUPERSAMPLED) for x, y in stroke],
                pen * SUPERSAMPLED)  # fmt: skip
    file = io.BytesIO()
    canvas.reduce(SUPERSAMPLED).save(file, "PNG")
    return file.getvalue()


def _stroke(canvas: Image.Image, points: list[Point], pen: float) -> None:
    """Draw a line with round joints and ends."""
    brush = ImageDraw.Draw(canvas)
    brush.line(points, fill="black", width=round(pen))
    for x, y in points:
        brush.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill="black")
