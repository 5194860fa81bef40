"""Corrupt digits in the fifteen ways of MNIST-C (Mu & Gilmer 2019, "MNIST-C: A Robustness Benchmark"), reimplemented.

The severities are those of the published data set. No network trains on them.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.float32]
"""(28, 28) float32; 0 paper, 1 ink."""
Corruption = Callable[[Ink, np.random.Generator], Ink]

SIDE = 28
CENTER = (SIDE - 1) / 2
CLOUD = 256


def corrupt(digits: NDArray[np.uint8], name: str, seed: int = 0) -> NDArray[np.uint8]:
    """Corrupt digits in one of the fifteen ways.

    Args:
        digits: (n, 28, 28) uint8.
        name: a key of CORRUPTIONS.
        seed: of everything random; each digit gets random numbers of its own.

    Returns:
        (n, 28, 28) uint8.
    """
    generator = np.random.default_rng([seed, list(CORRUPTIONS).index(name)])
    corrupted = [CORRUPTIONS[name](digit / np.float32(255), generator) for digit in digits]
    return np.round(np.clip(np.stack(corrupted), 0, 1) * 255).astype(np.uint8)


def shot_noise(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 5: replace each pixel by a Poisson count, with 3 photons on average at full ink."""
    return generator.poisson(ink * 3) / 3


def impulse_noise(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 4: turn 17 % of the pixels into salt or pepper."""
    return np.where(generator.random(ink.shape) < 0.17, generator.integers(0, 2, ink.shape), ink)


def glass_blur(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 1: blur, twice exchange half of the pixels with a neighbor above or to the left, blur again."""
    shuffled = cv2.GaussianBlur(ink, (0, 0), 0.7)
    moves = generator.integers(-1, 1, (2, SIDE, SIDE, 2))
    exchanged = generator.random((2, SIDE, SIDE)) < 0.5
    for turn in range(2):
        for y in range(SIDE - 1, 1, -1):
            for x in range(SIDE - 1, 1, -1):
                if exchanged[turn, y, x]:
                    dx, dy = moves[turn, y, x]
                    shuffled[y, x], shuffled[y + dy, x + dx] = shuffled[y + dy, x + dx], shuffled[y, x]
    return cv2.GaussianBlur(shuffled, (0, 0), 0.7)


def motion_blur(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 1: smear over 10 pixels with half a Gaussian of 3 pixels, up to 45 degrees from level."""
    angle = np.radians(generator.uniform(-45, 45))
    reach = np.arange(11)
    weights = np.exp(-(reach**2) / (2 * 3.0**2))
    smeared = np.zeros_like(ink)
    for at, weight in zip(reach, weights, strict=True):
        smeared += weight * _affine(ink, np.eye(2), shift=(-at * np.cos(angle), -at * np.sin(angle)))
    return smeared / weights.sum()


def shear(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 2: slant by 0.4 radians."""
    angle = _either(0.4, generator)
    return _affine(ink, np.array([[1, -np.sin(angle)], [0, np.cos(angle)]]))


def scale(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 3: shrink to 0.7 times the size."""
    return _affine(ink, np.eye(2) / 0.7)


def rotate(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 2: rotate by 0.4 radians."""
    angle = _either(0.4, generator)
    return _affine(ink, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def translate(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 3: shift by 3 pixels along both axes."""
    return _affine(ink, np.eye(2), shift=(_either(3, generator), _either(3, generator)))


def brightness(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 5: add 0.5 to every pixel."""
    return ink + 0.5


def fog(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 5: add a plasma cloud 3 times as strong as ink, and lower the contrast to match."""
    return (ink + 3 * _plasma(1.4, generator)) * ink.max() / (ink.max() + 3)


def spatter(ink: Ink, generator: np.random.Generator) -> Ink:
    """Severity 4: add soft-edged drops of a quarter ink."""
    liquid = cv2.GaussianBlur(generator.normal(0.65, 0.3, ink.shape), (0, 0), 1)
    drops = cv2.GaussianBlur(np.where(liquid > 0.65, 1.0, 0.0), (0, 0), 1.5)
    drops[drops < 0.8] = 0
    return ink * (1 - drops) + 63 / 255 * drops


def stripe(ink: Ink, generator: np.random.Generator) -> Ink:
    """Exchange ink and paper in the left and the right quarter."""
    corrupted = ink.copy()
    corrupted[:, :7], corrupted[:, 21:] = 1 - ink[:, :7], 1 - ink[:, 21:]
    return corrupted


def dotted_line(ink: Ink, generator: np.random.Generator) -> Ink:
    """Add a straight soft line from edge to edge, drawn in two of every four columns."""
    line = _line(np.linspace(*generator.integers(0, 27, 2), SIDE))
    line[:, np.arange(SIDE) % 4 < 2] = 0
    return ink + line


def zigzag(ink: Ink, generator: np.random.Generator) -> Ink:
    """Add a soft line that swings by 2 pixels every 4 and climbs or falls by up to 5 pixels from end to end."""
    columns = np.arange(SIDE)
    swing = 2 - np.abs((columns - 2 + 2) % 8 - 4)
    height = generator.integers(0, 27) + generator.integers(-5, 5) * (columns - 2) / 23 + swing
    line = _line(height)
    line[:, (columns < 2) | (columns > 25)] = 0
    return ink + line


def canny_edges(ink: Ink, generator: np.random.Generator) -> Ink:
    """Keep only the edges that Canny (1986) finds after a blur of one pixel."""
    blurred = np.round(cv2.GaussianBlur(ink, (0, 0), 1) * 255).astype(np.uint8)
    return cv2.Canny(blurred, 0.1 * 255, 0.2 * 255, L2gradient=True) / np.float32(255)


CORRUPTIONS: dict[str, Corruption] = {
    function.__name__: function
    for function in (
        shot_noise, impulse_noise, glass_blur, motion_blur, shear, scale, rotate, translate, brightness, fog, spatter,
        stripe, dotted_line, zigzag, canny_edges,
    )
}  # fmt: skip


def _either(size: float, generator: np.random.Generator) -> float:
    """Return the size with a random sign."""
    return float(size if generator.random() < 0.5 else -size)


def _affine(ink: Ink, matrix: NDArray[np.float64], shift: tuple[float, float] = (0, 0)) -> Ink:
    """Give each pixel p the ink at matrix @ p + shift, relative to the center; beyond the edge is paper."""
    offset = CENTER - matrix @ [CENTER, CENTER] + shift
    return cv2.warpAffine(
        ink, np.column_stack([matrix, offset]), (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )


def _line(rows: NDArray[np.floating]) -> Ink:
    """Draw a line through one row of each column: full ink on it, none 1.5 pixels off it."""
    distance = np.minimum(np.abs(np.arange(SIDE)[:, None] - rows[None, :]), 2.29)
    return np.maximum(np.log(1 - distance / 2.3) + 1, 0)


def _plasma(decay: float, generator: np.random.Generator) -> Ink:
    """Make a 256x256 diamond-square fractal in 0..1 (Fournier, Fussell & Carpenter 1982); returns its corner."""
    heights = np.zeros((CLOUD, CLOUD))
    step, wobble = CLOUD, 1.0
    while step >= 2:
        half = step // 2
        corners = heights[::step, ::step]
        middle = (corners + np.roll(corners, -1, 0) + np.roll(corners, -1, 1) + np.roll(corners, (-1, -1), (0, 1))) / 4
        heights[half::step, half::step] = middle + generator.uniform(-wobble, wobble, middle.shape)
        middle = heights[half::step, half::step]
        level = (middle + np.roll(middle, 1, 0) + corners + np.roll(corners, -1, 1)) / 4
        heights[::step, half::step] = level + generator.uniform(-wobble, wobble, level.shape)
        upright = (middle + np.roll(middle, 1, 1) + corners + np.roll(corners, -1, 0)) / 4
        heights[half::step, ::step] = upright + generator.uniform(-wobble, wobble, upright.shape)
        step, wobble = half, wobble / decay**2
    heights -= heights.min()
    return (heights / heights.max())[:SIDE, :SIDE]
