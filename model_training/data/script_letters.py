"""Draw letters and numerals of other scripts, typeset and as if by hand: non-digits."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model_training.data import machine_digits, scripts
from model_training.data.scripts import Face
from models.errors import BlankDrawing
from models.preprocessing.canonicalize import canonicalize

PAPER = 24
"""Pixels around a letter of SIZE."""
BY_HAND = 0.6
"""Share of the letters whose lines waver."""
WAVER, GRAIN = 1.8, 18
"""Pixels by which lines waver, standard deviation at most, and over which they do."""
PEN = (-2, 4)
"""Pixels by which strokes are thinned or thickened."""
LEFT = 0.6
"""Least share of a letter's ink that thinning leaves; hairlines would vanish."""


def generate(n: int, part: str, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw canonical letters of every script of `train` or `test`, each as likely as another.

    Returns:
        (n, 28, 28) uint8.
    """
    groups = list(scripts.of_script(scripts.faces(part)).values())
    return np.stack([_canonical(groups[generator.integers(len(groups))], generator) for _ in range(n)])


def of_each_script(n: int, part: str, generator: np.random.Generator) -> dict[str, NDArray[np.uint8]]:
    """Draw n canonical letters of each script of a part."""
    return {
        name: np.stack([_canonical(faces, generator) for _ in range(n)])
        for name, faces in scripts.of_script(scripts.faces(part)).items()
    }


def draw(face: Face, letter: str, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a letter with random pen, slant and wavering; returns (h, w) uint8 ink."""
    left, top, right, bottom = face.font.getbbox(letter)
    page = Image.new("L", (round(right - left) + 2 * PAPER, round(bottom - top) + 2 * PAPER))
    ImageDraw.Draw(page).text((PAPER - left, PAPER - top), letter, 255, font=face.font)
    ink = _with_pen(np.asarray(page), int(generator.integers(*PEN)))
    if generator.random() < BY_HAND:
        ink = _wavering(ink, generator)
    return machine_digits.distort(ink, generator)


def _canonical(faces: Sequence[Face], generator: np.random.Generator) -> NDArray[np.uint8]:
    while True:
        face = faces[generator.integers(len(faces))]
        letter = face.characters[generator.integers(len(face.characters))]
        try:
            return canonicalize(machine_digits.photograph(draw(face, letter, generator), generator))
        except BlankDrawing:  # a thin typeface, thinned
            continue


def _with_pen(ink: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(by) + 1, abs(by) + 1))
    if by > 0:
        return cv2.dilate(ink, disk)
    thinned = cv2.erode(ink, disk)
    return thinned if thinned.sum() > LEFT * ink.sum() else ink


def _wavering(ink: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Shift each place by a smooth random field, as an unsteady hand does."""
    height, width = ink.shape
    coarse = generator.normal(0, generator.uniform(0, WAVER), (2, height // GRAIN + 2, width // GRAIN + 2))
    across, down = (
        cv2.resize(field.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC) for field in coarse
    )
    rows, columns = np.indices(ink.shape, np.float32)
    return cv2.remap(ink, columns + across, rows + down, cv2.INTER_LINEAR)
