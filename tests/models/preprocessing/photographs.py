"""Simulate photos of digits by a phone: on plain paper, in a grid, on ruled paper, under a shadow."""

from __future__ import annotations

import cv2
import numpy as np

SHEET = 240


def _write(digit: np.ndarray, side: int, shift: tuple[int, int]) -> np.ndarray:
    """Draw an MNIST digit as ink, 0..1, with its longest side `side` pixels, near the middle of an empty sheet."""
    left, top, width, height = cv2.boundingRect(digit)
    ink = digit[top : top + height, left : left + width]
    scale = side / max(width, height)
    ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    sheet = np.zeros((SHEET, SHEET), np.float32)
    y, x = (SHEET - ink.shape[0]) // 2 + shift[1], (SHEET - ink.shape[1]) // 2 + shift[0]
    sheet[y : y + ink.shape[0], x : x + ink.shape[1]] = ink / np.float32(255)
    return sheet


def _rule(sheet: np.ndarray, at: float, tilt: float, width: int, darkness: float, upright: bool) -> None:
    ends = np.array([[-9, at - tilt * SHEET / 2], [SHEET + 9, at + tilt * SHEET / 2]])
    start, end = np.round(ends[:, ::-1] if upright else ends).astype(int).tolist()
    line = np.zeros(sheet.shape, np.uint8)
    cv2.line(line, start, end, 255, width, cv2.LINE_AA)
    np.maximum(sheet, line * np.float32(darkness / 255), out=sheet)


def _photograph(ink: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Add paper, light from one side, a shadow on half of it, blur, grain and JPEG compression."""
    y, x = np.mgrid[0:SHEET, 0:SHEET] / np.float32(SHEET) - 0.5
    angle = generator.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    shadow = generator.uniform(0, 0.3) / (1 + np.exp(-(along - generator.uniform(-0.2, 0.2)) / 0.03))
    light = (1 + generator.uniform(0, 0.3) * along) * (1 - shadow)
    grey = generator.uniform(130, 220) * light * (1 - generator.uniform(0.4, 0.8) * ink)
    side = int(generator.integers(60, 120))
    grey = cv2.resize(cv2.GaussianBlur(grey, (0, 0), 1.5), (side, side), interpolation=cv2.INTER_AREA)
    grey = np.clip(grey + generator.normal(0, 2.5, grey.shape), 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)


def blank(generator: np.random.Generator) -> np.ndarray:
    """Photograph empty paper."""
    return _photograph(np.zeros((SHEET, SHEET), np.float32), generator)


def on_plain_paper(digit: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Photograph a digit near the middle of a sheet."""
    shift = generator.integers(-25, 26, 2).tolist()
    return _photograph(_write(digit, int(generator.integers(80, 180)), shift), generator)


def in_a_grid(digit: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Photograph a roughly cut cell of a grid, with lines along two to four of its sides."""
    sheet = _write(digit, int(generator.integers(90, 140)), generator.integers(-12, 13, 2).tolist())
    tilt = generator.uniform(-0.08, 0.08)
    near = generator.uniform(4, 30, 4)
    for side in generator.permutation(4)[: generator.integers(2, 5)]:
        at = near[side] if side % 2 else SHEET - near[side]
        upright = bool(side // 2)
        _rule(sheet, at, -tilt if upright else tilt, int(generator.integers(3, 10)), generator.uniform(0.5, 1), upright)
    return _photograph(sheet, generator)


def on_ruled_paper(digit: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Photograph a digit with pale lines through it."""
    sheet = _write(digit, int(generator.integers(90, 150)), (0, 0))
    gap, tilt = generator.uniform(35, 70), generator.uniform(-0.06, 0.06)
    for at in np.arange(generator.uniform(0, gap), SHEET, gap):
        _rule(sheet, at, tilt, 3, 0.4, upright=False)
    return _photograph(sheet, generator)
