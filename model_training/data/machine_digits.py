"""Make digits that machines print or show: typefaces, displays, odometer wheels, house numbers.

They are not handwriting, but people photograph them: meters, clocks, doors, newspapers.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data import number_writers
from model_training.data.dataset import Split
from model_training.data.number_machines import Machine
from models.errors import BlankDrawing
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

SHARES = (0.4, 0.25, 0.35)
"""Of typefaces, displays and odometer wheels."""
PAPER = 12
"""Pixels around a digit, of which the height is about 40."""
SLANT, STRETCH, TURN = 0.08, 0.15, 0.03
"""Standard deviations: of the tangent of the slant, of the logarithm of the aspect, of the turn in radians."""
OUTLINED = 0.1
"""Share of the typeset digits of which the outline alone is drawn, as on house numbers."""
BLURRED, COARSE, NOISY = 0.4, 0.3, 0.3
"""Shares that are blurred, of few pixels, noisy."""


def generate(n: int, generator: np.random.Generator) -> Split:
    """Make canonical digits, each by a machine of its own light and place.

    Args:
        n: how many.
        generator: of everything random.

    Returns:
        n digits with their labels.
    """
    kinds = number_writers.machines(generator)
    digits, labels = [], []
    while len(digits) < n:
        kind = kinds[generator.choice(len(kinds), p=SHARES)]
        machine = kind[generator.integers(len(kind))]
        label = int(generator.integers(10))
        try:
            digits.append(canonicalize(photograph(_glyph(machine, label, generator), generator)))
        except BlankDrawing:  # a wheel that shows the gap between two digits
            continue
        labels.append(label)
    return Split(np.stack(digits), np.array(labels, np.uint8))


def _glyph(machine: Machine, label: int, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a digit, slanted, stretched and turned a little, or its outline alone."""
    bitmap = np.pad(machine.glyph(str(label), generator).bitmap, PAPER)
    if generator.random() < OUTLINED:
        bitmap = cv2.morphologyEx(bitmap, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return distort(bitmap, generator)


def distort(bitmap: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Slant, stretch and turn a bitmap a little, within its size."""
    height, width = bitmap.shape
    slant, stretch, turn = generator.normal(0, (SLANT, STRETCH, TURN))
    matrix = np.array([[np.exp(stretch), slant, 0], [turn, 1, 0]])
    matrix[:, 2] = (width / 2, height / 2) - matrix[:, :2] @ (width / 2, height / 2)
    return cv2.warpAffine(bitmap, matrix, (width, height))


def photograph(ink: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """See ink as a camera does: softly, with few pixels, with noise, on light ground; returns the ink that is found."""
    if generator.random() < COARSE:
        ink = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if generator.random() < BLURRED:
        ink = cv2.GaussianBlur(ink, (0, 0), generator.uniform(0.4, 1.5))
    ground, contrast = generator.uniform(150, 255), generator.uniform(0.4, 1.0)
    grey = ground * (1 - contrast * ink / 255)
    if generator.random() < NOISY:
        grey += generator.normal(0, generator.uniform(1, 6), grey.shape)
    return find_ink(np.clip(grey, 0, 255).astype(np.uint8))
