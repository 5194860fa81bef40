"""Separate ink from paper under uneven light."""

from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing, Grey

Light = NDArray[np.float32]
"""(h, w) brightness of the paper or of a picture, 1 to 256."""

LONGEST_SIDE = 256
"""Pixels to which a photo is scaled down. A digit of a tenth of its height still has the 25 that it needs."""
COARSE = 48
"""Longest side, in pixels, of the small picture in which paper is told from ink."""
WIDEST_STROKE = 17
"""Pixels of the coarse picture. Narrower dark patches are ink, wider ones are shadow."""
NEIGHBORHOOD = 0.35
"""Share of the longest side that is averaged to tell whether ink is darker or lighter than its surroundings."""
SMOOTH = 0.7
"""Standard deviation, in pixels of the coarse picture, of the blur that smooths the paper."""
PAPER = 0.06
"""Largest difference from the fitted light, as a share of it, at which a pixel counts as paper."""
FITS = 3
"""Number of times that the light is fitted, each time to the paper of the fit before."""
GRAIN = 2.0
"""Differences from the paper up to this many median steps between neighbours are the paper's grain."""
SOFTEST = 9.0
"""Grey levels per pixel. Edges of ink are steeper; edges of shadows are not."""
FAINTEST = 0.04
"""Share of the light that the faintest ink absorbs."""


def lift_ink(grey: Grey) -> Drawing:
    """Divide a photo by the brightness of its paper and keep the darkness that remains.

    The brightness of the paper is a quadratic surface fitted to it, times a grey closing of the quotient, which fills
    dark strokes but not shadows. The grain of the paper is measured and removed.

    Args:
        grey: (h, w) uint8 grey levels, dark on light or light on dark.

    Returns:
        (h', w') uint8, no side longer than LONGEST_SIDE; 0 paper, 255 the darkest ink.
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


def _is_light_on_dark(coarse: Light) -> bool:
    """Tell by the skewness of grey levels relative to their surroundings: ink is rare and far from the greys of paper.

    On a canvas the border tells best. In a photo a line of a grid may lie on it.
    """
    side = max(int(max(coarse.shape) * NEIGHBORHOOD) // 2 * 2 + 1, 3)
    differences = coarse - cv2.blur(coarse, (side, side), borderType=cv2.BORDER_REFLECT)
    differences -= np.median(differences)
    return float((differences**3).sum()) > 0


def _paper(grey: Grey, coarse: Light) -> Light:
    """Estimate the picture without ink: smooth except at the edges of shadows."""
    height, width = grey.shape
    light = _light(coarse)
    smooth = cv2.GaussianBlur(light * _close(coarse, coarse / light), (0, 0), SMOOTH, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    sharp = _close(coarse, cv2.blur(grey, (3, 3), borderType=cv2.BORDER_REPLICATE))
    lower: Light = cv2.min(paper, sharp.astype(np.float32) + 1)
    return lower


def _close(coarse: Light, picture: NDArray[Any]) -> NDArray[Any]:
    """Fill dark patches that are narrower than the widest stroke of the coarse picture."""
    side = max(WIDEST_STROKE * max(picture.shape) // max(coarse.shape) // 2 * 2 + 1, 3)
    half = side // 2
    around = cv2.copyMakeBorder(picture, half, half, half, half, cv2.BORDER_REPLICATE)
    closed: NDArray[Any] = cv2.morphologyEx(around, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return closed[half:-half, half:-half]


def _light(coarse: Light) -> Light:
    """Fit a quadratic surface to the paper, starting from a closing of the whole picture."""
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
    surface: Light = light.reshape(coarse.shape)
    return surface


@functools.lru_cache(maxsize=64)
def _basis(height: int, width: int) -> NDArray[np.float32]:
    """Return (6, height * width): 1, x, y, x^2, x y, y^2 of each pixel."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].reshape(2, -1)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y]).astype(np.float32)


def _without_grain(missing: Drawing) -> Drawing:
    """Remove the grain and stretch the rest to 255; return blank paper if no edge is as steep as those of pens."""
    steps = cv2.absdiff(missing[:, 1:], missing[:, :-1]) if missing.shape[1] > 1 else missing
    floor = min(round(float(np.median(missing) + max(GRAIN * np.median(steps), FAINTEST * 255))), 255)
    ink: Drawing = np.maximum(missing, floor) - np.uint8(floor)
    if _steepest(ink) < SOFTEST:
        return np.zeros_like(ink)
    stretched: Drawing = cv2.convertScaleAbs(ink, alpha=255 / int(ink.max()))
    return stretched


def _steepest(ink: Drawing) -> float:
    """Return the slope of the steepest edge in grey levels per pixel."""
    smooth = cv2.GaussianBlur(ink, (3, 3), 0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    return float(cv2.magnitude(across, down).max())
