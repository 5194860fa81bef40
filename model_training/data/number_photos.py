"""See a strip as a scanner, a screen or a camera shows it: softness, contrast, light, grain, specks, few pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.numbers.strips import HEIGHT, Strip, stretched

SOFT, MOVED, COARSE, BINARY, FAINT, HAZY, NOISY, SPECKLED, PRESSED = 0.3, 0.05, 0.08, 0.06, 0.35, 0.25, 0.35, 0.06, 0.2
"""Shares of the strips that are blurred, blurred by motion, of few pixels, of two levels, of another contrast, on an
uneven ground, noisy, specked, written with uneven pressure."""
KNOTS = 10
"""Pixels over which a strip bends."""
GRAIN_SIDE = 8192
_grain = np.random.default_rng(2026).standard_normal((2 * HEIGHT, GRAIN_SIDE), np.float32)
"""Noise, of which each strip takes a part: making it anew takes longer than all the rest."""


def see(ink: Strip, generator: np.random.Generator) -> Strip:
    """Change a strip of clean ink at random; returns a strip of the same size, stretched like those that are read."""
    chances = dict(zip(("soft", "moved", "coarse", "binary", "faint", "hazy", "noisy", "specked", "pressed"),
                       generator.random(9), strict=True))  # fmt: skip
    u, (height, width) = generator.uniform, ink.shape
    seen = stretched(ink)  # so that noise and thresholds leave faint ink as readable as strong ink
    if chances["coarse"] < COARSE:
        share = u(0.4, 0.8)
        small = cv2.resize(seen, (max(round(width * share), 4), round(height * share)), interpolation=cv2.INTER_AREA)
        seen = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if chances["soft"] < SOFT:
        seen = cv2.GaussianBlur(seen, (0, 0), u(0.3, 1.3))
    if chances["moved"] < MOVED:
        seen = cv2.blur(seen, (int(generator.integers(2, 5)), 1))
    values = seen.astype(np.float32)
    if chances["pressed"] < PRESSED:
        values *= 1 - u(0.1, 0.5) * _clouds(width, 10, generator)
    if chances["faint"] < FAINT:
        values = 255 * cv2.pow(values * (1 / 255), u(0.55, 1.8))
    if chances["hazy"] < HAZY:
        values = cv2.max(values, 0) * u(0.6, 1.0) + u(10, 80) * _clouds(width, 40, generator)
    if chances["noisy"] < NOISY:
        values += u(3, 38) * grain(width, generator)
    if chances["specked"] < SPECKLED:
        rows, columns = (generator.integers(0, size, max(width // 12, 1)) for size in (height, width))
        values[rows, columns] = u(0, 255, len(rows))
    if chances["binary"] < BINARY:
        values = np.where(values > u(90, 150), 255, 0)
    return stretched(cv2.convertScaleAbs(np.maximum(values, 0)))


def bend(ink: Strip, generator: np.random.Generator) -> Strip:
    """Bend a strip smoothly by about a pixel (Simard et al. 2003)."""
    height, width = ink.shape
    shape = (height // KNOTS + 1, width // KNOTS + 2)
    amount = generator.uniform(0.3, 1.1)
    moves = (amount * generator.standard_normal(shape, np.float32) for _ in range(2))
    across, down = (cv2.resize(move, (width, height), interpolation=cv2.INTER_CUBIC) for move in moves)
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    bent: Strip = cv2.remap(ink, across + columns, down + rows, cv2.INTER_LINEAR)
    return bent


def grain(width: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return (HEIGHT, width) of standard noise, fine or coarse."""
    coarse = generator.random() < 0.3
    start = int(generator.integers(0, GRAIN_SIDE - width)) if width < GRAIN_SIDE else 0
    top = int(generator.integers(0, HEIGHT))
    part = _grain[top : top + HEIGHT, start : start + width]
    if not coarse:
        return part
    small = part[: HEIGHT // 2, : (width + 1) // 2]
    return cv2.resize(small, (width, HEIGHT), interpolation=cv2.INTER_LINEAR)


def _clouds(width: int, size: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return (HEIGHT, width) of smooth levels from 0 to 1, that change over `size` pixels."""
    knots = generator.random((max(HEIGHT // size, 1) + 1, width // size + 2), np.float32)
    clouds: NDArray[np.float32] = cv2.resize(knots, (width, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return clouds
