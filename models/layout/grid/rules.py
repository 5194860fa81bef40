"""Find the rules of a grid: what is dark, thin and long, level or plumb."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Grey
from models.layout.page import Affine, scale_down

LONGEST_SIDE = 1000
"""Pixels to which a picture is scaled down while rules are looked for."""
THICKEST = 0.024
"""Thickness that no rule reaches, share of the longest side."""
FAINTEST, FULL = 0.025, 0.13
"""Shares of the paper's light: what absorbs less is paper, what absorbs more is as good a rule as any."""
STEEPEST, TILTS = 0.3, 41
"""Rise over run of the most tilted rule, and the number of tilts that are tried."""
SHARE = 0.18
"""Length of the shortest piece of a rule, in cells of a grid that fills the picture."""
SHORTEST, LONGEST = 8, 60
"""Pixels of the shortest piece of a rule, at least and at most."""
COARSE = 250
"""Longest side, in pixels, of the small picture in which the tilt is measured."""
MARGIN = 0.05
"""Paper added around, share of the longest side: a grid may reach beyond the picture."""


class Rules(NamedTuple):
    """Where rules are, in a map of the picture in which they are nearly level and plumb.

    Attributes:
        level: (h, w) uint8; 255 on the clearest horizontal rules.
        plumb: (h, w) uint8; 255 on the clearest vertical rules.
        to_picture: from pixels of the maps to pixels of the picture.
    """

    level: NDArray[np.uint8]
    plumb: NDArray[np.uint8]
    to_picture: Affine


def find_rules(grey: Grey, rows: int, columns: int) -> Rules:
    """Find the pieces of rules in a picture with dark rules.

    Args:
        grey: (h, w) uint8.
        rows: of the grid that is looked for; more of them make for shorter pieces.
        columns: of the grid.
    """
    height, width = grey.shape
    dark = _darkness(scale_down(grey, LONGEST_SIDE / max(height, width)))
    size = dark.shape[1], dark.shape[0]
    rise, lean = _tilts(dark)
    margin = MARGIN * max(size)
    # x' = x + lean y, y' = y + rise x, then shifted so that nothing is cut off
    shear = np.array([[1, lean, 0], [rise, 1, 0]])
    corners = shear[:, :2] @ np.array([[0, size[0], 0, size[0]], [0, 0, size[1], size[1]]])
    shear[:, 2] = margin - corners.min(axis=1)
    across, down = np.ceil(np.ptp(corners, axis=1) + 2 * margin).astype(int)
    straight = cv2.warpAffine(dark, shear, (int(across), int(down)), flags=cv2.INTER_LINEAR)
    back = cv2.invertAffineTransform(shear)
    back[:, 2] += 0.5  # centres of pixels
    to_picture = np.diag([width / size[0], height / size[1]]) @ back
    to_picture[:, 2] -= 0.5
    piece = [
        min(max(round(SHARE * side / n), SHORTEST), LONGEST) for side, n in zip(size, (columns, rows), strict=True)
    ]
    return Rules(_pieces(straight, piece[0]), _pieces(straight.T, piece[1]).T, to_picture)


def _darkness(grey: Grey) -> NDArray[np.uint8]:
    """Return how dark each pixel is beside the paper around it; wide dark patches are not."""
    side = max(round(THICKEST * max(grey.shape)) // 2 * 2 + 1, 5)
    soft = cv2.GaussianBlur(grey, (3, 3), 0)
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    missing = cv2.divide(cv2.subtract(paper, soft), cv2.max(paper, 16), scale=255.0)
    shifted = cv2.subtract(missing, round(255 * FAINTEST))
    dark: NDArray[np.uint8] = cv2.convertScaleAbs(shifted, alpha=1 / (FULL - FAINTEST))
    return dark


def _tilts(dark: NDArray[np.uint8]) -> tuple[float, float]:
    """Return by how much a pixel is to be moved down per column, and right per row, so that rules are straight."""
    coarse = scale_down(dark, COARSE / max(dark.shape)).astype(np.float32)
    y, x = np.nonzero(coarse > 32)
    weights, bins = coarse[y, x], sum(coarse.shape)
    return _tilt(y, x, weights, bins), _tilt(x, y, weights, bins)


def _tilt(across: NDArray[np.intp], along: NDArray[np.intp], weights: NDArray[np.float32], bins: int) -> float:
    """Choose the tilt at which sums along rules are the most unequal."""
    best, most = 0.0, -1.0
    for tilt in np.linspace(-STEEPEST, STEEPEST, TILTS):
        at = np.rint(across + tilt * along).astype(np.intp) + bins
        sums = np.bincount(at, weights, minlength=3 * bins)
        unequal = float((np.diff(sums) ** 2).sum())
        if unequal > most:
            best, most = float(tilt), unequal
    return best


def _pieces(dark: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """Keep what is dark over at least a length of a row, give or take a row."""
    smooth = cv2.blur(dark, (5, 1))
    thick = cv2.dilate(smooth, np.ones((3, 1), np.uint8))
    pieces: NDArray[np.uint8] = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    return pieces
