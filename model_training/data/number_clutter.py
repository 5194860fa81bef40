"""Add to a strip what is around numbers on paper: ruled lines, underlines, frames, circles, ink of the lines beside."""

from __future__ import annotations

import math

import cv2
import numpy as np

from models.numbers.strips import HEIGHT, Strip

RULED, UNDERLINED, FRAMED, CIRCLED, NEIGHBOURS, STRAY = 0.16, 0.05, 0.05, 0.03, 0.08, 0.03
"""Shares of the strips with each."""
SUBPIXEL_BITS = 4


def add(ink: Strip, generator: np.random.Generator) -> Strip:
    """Add clutter to a share of the strips; returns a new strip, or the same one."""
    u, width = generator.uniform, ink.shape[1]
    chances = generator.random(6)
    if (chances > (RULED, UNDERLINED, FRAMED, CIRCLED, NEIGHBOURS, STRAY)).all():
        return ink
    layer = np.zeros_like(ink)
    if chances[0] < RULED:
        _rule(layer, u(-0.2, 1.2) * HEIGHT, generator)
    if chances[1] < UNDERLINED:
        _stroke(layer, (u(0, 0.2) * width, u(0.85, 1) * HEIGHT), (u(0.8, 1) * width, u(0.85, 1) * HEIGHT), generator)
    if chances[2] < FRAMED:
        _frame(layer, generator)
    if chances[3] < CIRCLED:
        center = round(width / 2 * 16), round(HEIGHT / 2 * 16)
        axes = round(u(0.47, 0.6) * width * 16), round(u(0.46, 0.6) * HEIGHT * 16)
        cv2.ellipse(layer, center, axes, u(-2, 2), 0, 360, u(90, 255), round(u(1, 3)), cv2.LINE_AA, SUBPIXEL_BITS)
    if chances[4] < NEIGHBOURS:
        _neighbours(layer, ink, generator)
    if chances[5] < STRAY:
        start = u(0, width), u(0, HEIGHT)  # flat, since a steep one would be a 1
        _stroke(layer, start, (start[0] + u(HEIGHT, 3 * HEIGHT), start[1] + u(-0.3, 0.3) * HEIGHT), generator)
    return np.maximum(ink, layer)


def _rule(layer: Strip, first: float, generator: np.random.Generator) -> None:
    """Draw level lines, as far apart as on ruled or squared paper."""
    apart, tilt = HEIGHT * generator.uniform(0.45, 1.6), generator.normal(0, 0.01) * layer.shape[1]
    level, thick = generator.uniform(40, 220), 1 + int(generator.random() < 0.25)
    count = math.ceil((HEIGHT - first) / apart)
    for row in first + apart * np.arange(count):
        _line(layer, (0, row - tilt), (layer.shape[1], row + tilt), level, thick)
    if generator.random() < 0.25:
        for column in np.arange(generator.uniform(0, apart), layer.shape[1], apart):
            _line(layer, (column, 0), (column + tilt, HEIGHT), level, thick)


def _frame(layer: Strip, generator: np.random.Generator) -> None:
    u, width = generator.uniform, layer.shape[1]
    level, thick = u(60, 255), int(generator.integers(1, 4))
    left, right, top, bottom = u(-2, 5), width - u(-2, 5), u(-3, 3), HEIGHT - u(-3, 3)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        _line(layer, start, end, level, thick)


def _neighbours(layer: Strip, ink: Strip, generator: np.random.Generator) -> None:
    """Let the feet or the heads of another line reach in."""
    rows = int(generator.integers(1, 6))
    other = np.roll(ink[:, ::-1], int(generator.integers(0, ink.shape[1])), axis=1)
    if generator.random() < 0.5:
        layer[:rows] = other[-rows - 6 : -6] if generator.random() < 0.5 else other[16 : 16 + rows]
    else:
        layer[-rows:] = other[6 : 6 + rows]


def _stroke(layer: Strip, start: tuple[float, float], end: tuple[float, float], generator: np.random.Generator) -> None:
    _line(layer, start, end, generator.uniform(80, 255), int(generator.integers(1, 4)))


def _line(layer: Strip, start: tuple[float, float], end: tuple[float, float], level: float, thick: int) -> None:
    first, last = ((round(x * 16), round(y * 16)) for x, y in (start, end))
    cv2.line(layer, first, last, level, thick, cv2.LINE_AA, SUBPIXEL_BITS)
