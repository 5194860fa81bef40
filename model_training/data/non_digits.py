"""Generate non-digits: scribbles, symbols, several digits, blots, textures.

Handwritten letters are real data; these stand in for all other images that reach a digit reader. Training on them is
outlier exposure (Hendrycks et al. 2019).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data import stroke_rendering
from models.errors import BlankDrawing
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

Strokes = list[NDArray[np.float64]]
SYMBOLS: dict[str, list[list[tuple[float, float]]]] = {
    "triangle": [[(0, 2), (1, 0), (2, 2), (0, 2)]],
    "square": [[(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]],
    "diamond": [[(1, 0), (2, 1.2), (1, 2.4), (0, 1.2), (1, 0)]],
    "plus": [[(1, 0), (1, 2)], [(0, 1), (2, 1)]],
    "times": [[(0, 0), (2, 2)], [(2, 0), (0, 2)]],
    "equals": [[(0, 0), (2, 0)], [(0, 1), (2, 1)]],
    "hash": [[(0.6, 0), (0.4, 2)], [(1.5, 0), (1.3, 2)], [(0, 0.6), (2, 0.6)], [(0, 1.3), (2, 1.3)]],
    "asterisk": [[(1, 0), (1, 2)], [(0.1, 0.5), (1.9, 1.5)], [(1.9, 0.5), (0.1, 1.5)]],
    "star": [[(0.4, 2), (1, 0), (1.6, 2), (0, 0.75), (2, 0.75), (0.4, 2)]],
    "arrow": [[(0, 1), (2.4, 1)], [(1.6, 0.4), (2.4, 1), (1.6, 1.6)]],
    "house": [[(0, 1), (0, 2), (2, 2), (2, 1), (1, 0), (0, 1), (2, 1)]],
    "minus": [[(0, 1), (2, 1)]],
    "wave": [[(0, 1), (0.5, 0.5), (1, 1), (1.5, 1.5), (2, 1), (2.5, 0.5), (3, 1)]],
    "bolt": [[(0, 0), (1, 1), (0, 1.2), (1, 2.4), (0, 2.6), (1, 3.6)]],
    "heart": [[(1, 2), (0, 0.8), (0.1, 0.2), (0.6, 0), (1, 0.5), (1.4, 0), (1.9, 0.2), (2, 0.8), (1, 2)]],
    "bars": [[(0, 0), (0, 2)], [(0.7, 0), (0.7, 2)], [(1.4, 0), (1.4, 2)]],
    "window": [[(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)], [(1, 0), (1, 2)], [(0, 1), (2, 1)]],
    "face": [[(0.6, 0.5), (0.6, 0.7)], [(1.4, 0.5), (1.4, 0.7)], [(0.4, 1.3), (0.8, 1.6), (1.2, 1.6), (1.6, 1.3)],
             [(1, 0), (1.9, 0.4), (2, 1.2), (1.4, 1.9), (0.6, 1.9), (0, 1.2), (0.1, 0.4), (1, 0)]],
}  # fmt: skip
DENSITY = 12
"""Points along each side of a symbol, so that its lines can tremble."""


def generate(n: int, digits: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Generate canonical images of non-digits.

    Args:
        n: how many.
        digits: (m, 28, 28) uint8, for images of several digits.
        generator: of everything random.

    Returns:
        (n, 28, 28) uint8.
    """
    generated: list[NDArray[np.uint8]] = []
    while len(generated) < n:
        kind = KINDS[generator.integers(len(KINDS))]
        try:
            image = canonicalize(find_ink(kind(digits, generator)))
        except BlankDrawing:
            continue
        if kind is several_digits and not _is_row(image):
            continue  # canonicalization kept only one of them, which is a digit
        generated.append(image)
    return np.stack(generated)


def _is_row(image: NDArray[np.uint8]) -> bool:
    _, _, width, height = cv2.boundingRect(image)
    return width > height


def scribble(digits: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one to three long strokes whose direction wanders."""
    strokes = []
    for _ in range(generator.integers(1, 4)):
        turns = cv2.GaussianBlur(
            generator.normal(0, generator.uniform(0.6, 2), (1, generator.integers(60, 240))), (9, 1), 2
        )
        direction = np.cumsum(cv2.GaussianBlur(turns, (9, 1), 2)[0])
        steps = np.stack([np.cos(direction), np.sin(direction)], axis=1)
        strokes.append(steps.cumsum(axis=0) + generator.normal(0, 8, 2))
    return stroke_rendering.render(
        strokes,
        pen=generator.uniform(0.02, 0.06),  # a wider pen would merge the strokes into something like a digit
        extent=generator.uniform(0.5, 0.9),
        place=(0.5, 0.5),
        dark_ink=False,
    )


def symbol(digits: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a symbol with trembling lines, slanted and stretched."""
    lines = SYMBOLS[str(generator.choice(list(SYMBOLS)))]
    angle = generator.uniform(-0.3, 0.3)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = matrix @ np.array([[generator.uniform(0.7, 1.4), generator.uniform(-0.3, 0.3)], [0, 1]])
    strokes = []
    for line in lines:
        corners = np.array(line) + generator.normal(0, 0.06, (len(line), 2))
        at = np.linspace(0, len(line) - 1, DENSITY * (len(line) - 1) + 1)
        path = np.stack([np.interp(at, np.arange(len(line)), corners[:, axis]) for axis in (0, 1)], axis=1)
        tremble = cv2.GaussianBlur(generator.normal(0, 0.08, path.shape), (1, 7), 2)
        strokes.append((path + tremble) @ matrix.T)
    return stroke_rendering.render_randomly(strokes, generator)


def several_digits(digits: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Set two to four digits in a row, as in a number."""
    row = [digits[i][:, 3:-3] for i in generator.integers(len(digits), size=generator.integers(2, 5))]
    level = [np.roll(digit, generator.integers(-3, 4), axis=0) for digit in row]
    return cv2.resize(np.hstack(level), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)


def blot(digits: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a filled ellipse, box or polygon."""
    image = np.zeros((stroke_rendering.SIDE, stroke_rendering.SIDE), np.uint8)
    center = generator.uniform(80, 200, 2)
    corners = np.sort(generator.uniform(0, 2 * np.pi, generator.integers(3, 8)))
    radius = generator.uniform(8, 75)
    match generator.integers(3):
        case 0:
            axes = (int(radius), int(radius * generator.uniform(0.5, 1)))
            cv2.ellipse(
                image, center.astype(int).tolist(), axes, generator.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA
            )
        case 1:
            sides = (radius * 2, radius * generator.uniform(1, 2))
            box = cv2.boxPoints((center.tolist(), sides, generator.uniform(-8, 8)))
            cv2.fillPoly(image, [box.astype(np.int32)], 255, cv2.LINE_AA)
        case _:
            points = center + radius * np.stack([np.cos(corners), np.sin(corners)], axis=1)
            cv2.fillPoly(image, [points.astype(np.int32)], 255, cv2.LINE_AA)
    return image


def texture(digits: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Make noise of any grain, like a photo of a wall or a cloth."""
    side = int(np.exp(generator.uniform(np.log(28), np.log(280))))
    grain = np.exp(generator.uniform(np.log(0.3), np.log(side / 6)))
    noise = cv2.GaussianBlur(generator.normal(0, 1, (side, side)), (0, 0), grain) * grain
    slope = generator.normal(0, 1, 2) @ (np.indices((side, side)).reshape(2, -1) / side)
    grey = 128 + generator.uniform(10, 120) * (noise + generator.random() * slope.reshape(side, side))
    return np.clip(grey, 0, 255).astype(np.uint8)


def salt(digits: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Scatter specks over the whole image."""
    side = int(generator.choice([28, 28, 56, 140]))
    return (generator.random((side, side)) < generator.uniform(0.01, 0.6)).astype(np.uint8) * 255


KINDS = [scribble, scribble, symbol, symbol, several_digits, several_digits, blot, texture, salt]
"""A kind listed twice is twice as likely."""
