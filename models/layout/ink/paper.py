"""Tell ink from paper in a picture of any size, light and colour."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing, Grey
from models.layout.page import Picture, scale_down

COARSE = 256
"""Longest side, in pixels, of the picture in which the light of the paper is estimated."""
WIDEST = 0.35
"""Share of the longest side of the coarse picture: darker patches that are narrower may be ink."""
NEIGHBORHOODS = 11, 21, 41, 81
"""Pixels of the coarse picture: neighbourhoods in which paper is looked for, besides the widest."""
FILLED = 0.85
"""Share of the ink that is found in a neighbourhood twice as large, from which strokes are filled."""
DARKER = 12
"""Grey levels by which ink is darker than the coarse paper, at least."""
GRAIN = 4.5
"""Standard deviations of the paper's grain above which there is ink."""
FAINTEST = 0.05
"""Share of the light that the faintest ink absorbs."""
FAINT = 10
"""Level of the faintest ink after the paper's grain was removed."""
FLAT = 0.6
"""Share of the border that has one grey, give or take one, if the paper is flat."""
COLOURED = 1.25
"""Contrast of a colour channel, relative to that of the grey levels, from which it is used instead."""
COLOURLESS = 24
"""Grey levels by which the channels of a grey picture differ, at most."""
NEAR, NEIGHBORHOOD = 2, 0.35
"""Neighbourhoods of the strokes, and at most share of the longest side, that are averaged to tell whether ink is darker
or lighter than its surroundings."""


class Paper(NamedTuple):
    """Ink on even paper."""

    ink: Drawing
    """(h, w) uint8; 0 paper, 255 the darkest ink."""
    floor: int
    """Level above which there is ink, and not grain of the paper."""


def find_ink(picture: Picture) -> Paper:
    """Find the ink of a picture, in either polarity, under any light.

    Args:
        picture: (h, w) or (h, w, 3) uint8; as large as the ink is to be.
    """
    grey = _levels(picture)
    flat = _flat_ink(grey)
    if flat is not None:
        return Paper(flat, max(round(FAINTEST * 255), 2))
    if _is_light_on_dark(_coarse(grey)):
        grey = cv2.bitwise_not(grey)
    missing = _missing(grey)
    grain = _grain(missing)
    if grain > 2:
        missing = cv2.GaussianBlur(missing, (3, 3), 0)
        grain = _grain(missing)
    middle = float(np.median(missing[::4, ::4]))
    floor = min(round(middle + max(GRAIN * grain, FAINTEST * 255)), 254)
    ink: Drawing = np.maximum(missing, floor) - np.uint8(floor)
    darkest = int(ink.max())
    if not darkest:
        return Paper(ink, FAINT)
    stretched: Drawing = cv2.convertScaleAbs(ink, alpha=255 / darkest)
    return Paper(stretched, FAINT)


def _levels(picture: Picture) -> Grey:
    """Choose the grey levels in which the ink is darkest or lightest: the usual ones, or an extreme channel."""
    if picture.ndim == 2:
        return picture
    small = _coarse(picture)
    white = np.maximum(np.percentile(small.reshape(-1, 3), 60, axis=0), 16)
    usual = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    grey: Grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    if int(cv2.absdiff(small.max(axis=2), small.min(axis=2)).max()) < COLOURLESS:
        return grey
    even = _evened(small, white)
    best, most = "grey", COLOURED * _contrast(usual)
    for name, channel in (("least", even.min(axis=2)), ("greatest", even.max(axis=2))):
        contrast = _contrast(channel)
        if contrast > most:
            best, most = name, contrast
    if best == "grey":
        return grey
    red, green, blue = cv2.split(_evened(picture, white))
    choose = cv2.min if best == "least" else cv2.max
    extreme: Grey = choose(choose(red, green), blue)
    return extreme


def _evened(picture: Picture, white: NDArray[np.float64]) -> Picture:
    """Show the colour of the paper as grey."""
    table = np.arange(256)[:, None] * (float(white.max()) / white)
    levels = np.clip(table, 0, 255).astype(np.uint8)[None]
    evened: Picture = cv2.LUT(picture, levels)
    return evened


def _contrast(levels: Grey) -> float:
    """Measure how far strokes stand out."""
    middle = cv2.blur(levels, (15, 15))
    return float(np.percentile(cv2.absdiff(levels, middle), 97)) + 1


def _flat_ink(grey: Grey) -> Drawing | None:
    """Return what differs from a paper of one grey, as a canvas has it; None of other paper."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    levels = np.bincount(border, minlength=256)
    paper = int(levels.argmax())
    if levels[max(paper - 1, 0) : paper + 2].sum() < FLAT * len(border):
        return None
    small = grey[:: max(len(grey) // 400, 1), :: max(grey.shape[1] // 400, 1)]
    even = np.count_nonzero(cv2.absdiff(small, np.full_like(small, paper)) <= 2)
    if even < FLAT * small.size:
        return None
    darkest, lightest, _, _ = cv2.minMaxLoc(grey)
    sheet = np.full_like(grey, paper)
    ink = cv2.subtract(sheet, grey) if paper - darkest > lightest - paper else cv2.subtract(grey, sheet)
    stretched: Drawing = cv2.convertScaleAbs(ink, alpha=255 / max(float(ink.max()), 1))
    return stretched


def _coarse(picture: Picture) -> Picture:
    return scale_down(picture, COARSE / max(picture.shape[:2]))


def _is_light_on_dark(coarse: Grey) -> bool:
    """Tell by the skewness of grey levels relative to their surroundings: ink is rarer than paper."""
    levels = coarse[::2, ::2].astype(np.float32)
    around = NEAR * min(_neighborhood(coarse), _neighborhood(cv2.bitwise_not(coarse)))
    side = min(around, int(max(coarse.shape) * NEIGHBORHOOD)) // 4 * 2 + 1
    differences = levels - cv2.blur(levels, (side, side), borderType=cv2.BORDER_REFLECT)
    differences -= np.median(differences)
    return float((differences**3).sum()) > 0


def _missing(grey: Grey) -> Drawing:
    """Measure the light that is missing, relative to the paper around, 0 to 255."""
    coarse = _coarse(grey)
    side = _neighborhood(coarse)
    light = cv2.blur(_closed(coarse, side), (5, 5), borderType=cv2.BORDER_REPLICATE)
    paper = cv2.resize(light, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    lit: Grey = cv2.divide(grey, cv2.max(paper, 1), scale=255)
    missing: Drawing = cv2.bitwise_not(lit)
    return missing


def _closed(coarse: Grey, side: int) -> Grey:
    """Fill dark patches that are narrower than `side` pixels."""
    half = max(side // 2, 1)
    around = cv2.copyMakeBorder(coarse, half, half, half, half, cv2.BORDER_REPLICATE)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * half + 1, 2 * half + 1))
    closed: Grey = cv2.morphologyEx(around, cv2.MORPH_CLOSE, kernel)
    return np.ascontiguousarray(closed[half:-half, half:-half])


def _neighborhood(coarse: Grey) -> int:
    """Choose the smallest neighbourhood that fills the strokes: in a larger one hardly any more ink is found.

    A shadow, which is wider, would be ink in a larger neighbourhood.
    """
    widest: int = max(round(WIDEST * max(coarse.shape)), 3)
    sides = [side for side in NEIGHBORHOODS if side < widest] + [widest]
    found = 0.0
    for smaller, side in itertools.pairwise([0, *sides]):
        hat = cv2.subtract(_closed(coarse, side), coarse)
        before, found = found, cv2.mean(cv2.subtract(hat, DARKER))[0]
        if smaller and before >= FILLED * found:
            return side
    return widest


def _grain(missing: Drawing) -> float:
    """Estimate the standard deviation of the paper's grain, in grey levels."""
    part = missing[::2, ::2] if missing.size > 1 << 18 else missing
    steps = cv2.absdiff(part[:, 1:], part[:, :-1]) if part.shape[1] > 1 else part
    return float(np.median(steps)) / 0.954
