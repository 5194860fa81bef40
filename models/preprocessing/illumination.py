"""Paper under uneven light -> the ink alone."""

from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Grey

Field = NDArray[np.float32]

LONGEST_SIDE = 256
"""Pixels of a photo that are looked at; a digit a tenth as tall still has the 25 that it needs."""
COARSE = 48
"""Longest side, pixels, of the picture in which paper is told from ink."""
WIDEST_STROKE = 17
"""Pixels of the coarse picture: a dark patch is ink if it is narrower, shadow if it is wider."""
NEIGHBORHOOD = 0.35
"""Share of the longest side within which ink is darker, or lighter, than the paper around it."""
SMOOTH = 0.7
"""Standard deviation, pixels of the coarse picture, with which the paper is smoothed."""
PAPER = 0.06
"""Share of the light within which a pixel is taken for paper when the light is fitted."""
FITS = 3
GRAIN = 2.0
"""Grey steps between neighbours, in medians, up to which a difference is the paper's grain."""
SOFTEST = 9.0
"""Grey levels a pixel by which the edge of ink is steeper than that of any shadow."""
FAINTEST = 0.04
"""Share of the light that the faintest ink takes away."""


def lift_ink(grey: Grey) -> Grey:
    """Divide a photo by its paper's brightness and keep what is missing of it.

    The light is a quadratic surface fitted to paper, times a grey closing of what that leaves, which fills dark strokes
    but no shadow. The paper's grain is measured and cut off.

    Args:
        grey: (h, w) uint8 grey levels, dark on light or light on dark.

    Returns:
        (h', w') uint8, no side longer than LONGEST_SIDE; 0 paper, 255 ink that takes all light away.
    """
    longest = max(grey.shape)
    if longest > LONGEST_SIDE:
        grey = _resize(grey, LONGEST_SIDE / longest)
    coarse = _resize(grey, min(COARSE / longest, 1)).astype(np.float32) + 1
    if _is_light_on_dark(coarse):
        grey, coarse = cv2.bitwise_not(grey), 257 - coarse
    missing = np.clip(255.5 - (grey + np.float32(0.5)) * (255 / _paper(grey, coarse)), 0, 255).astype(np.uint8)
    return _without_grain(missing)


def _resize(grey: Grey, scale: float) -> Grey:
    if scale >= 1:
        return grey
    height, width = grey.shape
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    resized: Grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return resized


def _is_light_on_dark(coarse: Field) -> bool:
    """By the skewness of grey levels against their neighbourhood's: ink is rare, and far from the many greys of paper.

    The border, which tells best on a canvas, does not in a photo, where a grid's line may lie on it.
    """
    side = max(int(max(coarse.shape) * NEIGHBORHOOD) // 2 * 2 + 1, 3)
    differences = coarse - cv2.blur(coarse, (side, side), borderType=cv2.BORDER_REFLECT)
    differences -= np.median(differences)
    return float((differences**3).sum()) > 0


def _paper(grey: Grey, coarse: Field) -> Field:
    """What the picture would be without ink: smooth, but for the edges of shadows."""
    height, width = grey.shape
    light = _light(coarse)
    smooth = cv2.GaussianBlur(light * _close(coarse, coarse / light), (0, 0), SMOOTH, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    sharp = _close(coarse, cv2.blur(grey, (3, 3), borderType=cv2.BORDER_REPLICATE))
    lower: Field = cv2.min(paper, sharp.astype(np.float32) + 1)
    return lower


def _close(coarse: Field, picture: NDArray[Any]) -> NDArray[Any]:
    """Fill what is dark and narrower than the widest stroke of the coarse picture."""
    side = max(WIDEST_STROKE * max(picture.shape) // max(coarse.shape) // 2 * 2 + 1, 3)
    half = side // 2
    around = cv2.copyMakeBorder(picture, half, half, half, half, cv2.BORDER_REPLICATE)
    closed: NDArray[Any] = cv2.morphologyEx(around, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return closed[half:-half, half:-half]


def _light(coarse: Field) -> Field:
    """A quadratic surface through the pixels that are paper; at first those that a closing leaves."""
    basis = _basis(*coarse.shape)
    levels, paper = _close(coarse, coarse).ravel(), np.ones(coarse.size, bool)
    for _ in range(FITS):
        terms = basis[:, paper]
        weights = np.linalg.lstsq(terms @ terms.T + 1e-3 * np.eye(len(terms)), terms @ levels[paper], rcond=None)[0]
        light = np.maximum((weights @ basis).astype(np.float32), 1)
        levels = coarse.ravel()
        paper = abs(levels / light - 1) < PAPER
        if np.count_nonzero(paper) < len(paper) // 4:
            break
    surface: Field = light.reshape(coarse.shape)
    return surface


@functools.lru_cache(maxsize=64)
def _basis(height: int, width: int) -> Field:
    """(6, height * width): 1, x, y, x^2, x y, y^2."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].reshape(2, -1)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y]).astype(np.float32)


def _without_grain(missing: Grey) -> Grey:
    """What is darker than the paper's grain, stretched to 255; nothing where no edge is as steep as a pen's."""
    steps = cv2.absdiff(missing[:, 1:], missing[:, :-1]) if missing.shape[1] > 1 else missing
    floor = min(round(float(np.median(missing) + max(GRAIN * np.median(steps), FAINTEST * 255))), 255)
    ink: Grey = np.maximum(missing, floor) - np.uint8(floor)
    if _steepest(ink) < SOFTEST:
        return np.zeros_like(ink)
    stretched: Grey = cv2.convertScaleAbs(ink, alpha=255 / int(ink.max()))
    return stretched


def _steepest(ink: Grey) -> float:
    """Grey levels a pixel."""
    smooth = cv2.GaussianBlur(ink, (3, 3), 0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    return float(cv2.magnitude(across, down).max())
