"""Erase ruled lines, and keep the strokes that cross them.

Long level runs are rules, as staff lines in sheet music (Carter and Bacon 1992); where the ink is thicker than the
rule, a stroke crosses it.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Mask
from models.layout.ink import skew

RUN = 0.12
"""Length of the runs that rules are made of, share of the mask's longer side."""
SHORTEST_RUN = 24
"""Pixels."""
SEEN_ASIDE = 0.12
"""Largest difference between the slopes of level and upright rules, as a camera sees them from the side."""
ROWS = 15
"""Rows of pixels over which a rule that bends a little runs."""
MOST = 200
"""Runs that are looked at, the longest first."""
BREAK = 7
"""Pixels by which grain breaks a pale rule, at most."""
LONGEST_GAP = 0.6
"""Largest gap in a rule in runs."""
COVERED = 0.8
"""Share of a rule's length, at least, that runs cover."""
BARE = 0.4
"""Share of a rule's length, at least, that no stroke crosses or touches."""
EDGE = 0.05
"""Share of the width: rules that begin and end so near the edges run from edge to edge."""
SLENDER, SLENDER_TO_EDGES = 30, 12
"""Smallest length of a rule in widths of it, and if it runs from edge to edge."""
SHORTEST = 0.25
"""Smallest length of a rule, share of the mask's longer side, unless it runs from edge to edge."""
THICKEST = 0.03
"""Largest width of a rule, share of the mask's shorter side, or else THICKEST_PIXELS if that is more."""
THICKEST_PIXELS = 4
"""Width of a rule in pixels that is never too much."""


def erase(mask: Mask, faint: Mask, slope: float) -> Mask:
    """Erase level and upright rules.

    Args:
        mask: (h, w) uint8; 0 paper, 255 ink.
        faint: the same, with the palest ink too: of pale rules the mask may hold pieces only.
        slope: of level rules, pixels down for each pixel to the right; upright ones are at right angles to them.

    Returns:
        The mask itself if it has no rules, otherwise a new one.
    """
    level = _erased(mask, faint, slope)
    turned, faint = np.ascontiguousarray(level.T), np.ascontiguousarray(faint.T)
    upright = _erased(turned, faint, -slope)
    own = skew.estimate(faint) if level is not mask or upright is not turned else 0.0
    if own and 0.01 < abs(own + slope) < SEEN_ASIDE:
        upright = _erased(upright, faint, own)
    return level if upright is turned else np.ascontiguousarray(upright.T)


def _erased(mask: Mask, faint: Mask, slope: float) -> Mask:
    """Erase the level rules where no stroke crosses them."""
    height, width = mask.shape
    room = round(abs(slope) * width / 2) + 1
    shear = np.array([[1, 0, 0], [-slope, 1, room + slope * width / 2]])
    size = width, height + 2 * room
    level = cv2.warpAffine(faint, shear, size, flags=cv2.INTER_NEAREST)
    run = max(round(RUN * max(mask.shape)), SHORTEST_RUN)
    wide = cv2.dilate(level, np.ones((3, 1), np.uint8))
    wide = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8))
    runs = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    inked_in_rows = cv2.blur(cv2.reduce(runs, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F), (1, ROWS)) * ROWS / 255
    if inked_in_rows.max() < COVERED * min(SHORTEST * max(level.shape), (1 - EDGE) * width):
        return mask
    found = _straight(runs, level, run)
    if found is None:
        return mask
    rules, thick = found
    inked = cv2.warpAffine(mask, shear, size, flags=cv2.INTER_NEAREST)
    rules[crossed(inked, thick) > 0] = 0
    back = cv2.warpAffine(rules, shear, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    erased: Mask = cv2.subtract(mask, back)
    return erased


def crossed(inked: Mask, thick: int) -> Mask:
    """Mark ink that has ink above and below it, beyond a level line of `thick` pixels: strokes that cross the line."""
    reach = thick + 1
    wide = cv2.dilate(inked, np.ones((1, 2 * thick + 1), np.uint8))  # strokes lean
    rows = np.pad(wide, ((reach, reach), (0, 0)))
    crossing: Mask = cv2.min(inked, cv2.min(rows[: -2 * reach], rows[2 * reach :]))
    return crossing


def _straight(runs: Mask, level: Mask, run: int) -> tuple[Mask, int] | None:
    """Choose the runs that are rules; returns their pixels and their width."""
    width = runs.shape[1]
    longest = max(level.shape)
    reach = round(LONGEST_GAP * run)
    around = cv2.copyMakeBorder(runs, 0, 0, reach, reach, cv2.BORDER_CONSTANT)
    bridged = cv2.morphologyEx(around, cv2.MORPH_CLOSE, np.ones((1, reach | 1), np.uint8))[:, reach:-reach]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(bridged))
    pixels = cv2.bitwise_and(level, runs)
    rules, widths = np.zeros_like(level), []
    largest = np.argsort(-stats[:, cv2.CC_STAT_WIDTH], kind="stable")[: MOST + 1]
    for number in largest[largest > 0]:
        left, top, length, high, _ = stats[number]
        part = np.s_[top : top + high, left : left + length]
        own = labels[part] == number
        covered = int(np.count_nonzero((own & (runs[part] > 0)).any(axis=0)))
        thick = float(np.count_nonzero(own & (pixels[part] > 0))) / max(float(covered), 1)
        to_edges = left <= EDGE * width and left + length >= (1 - EDGE) * width
        long = SLENDER_TO_EDGES * thick if to_edges else max(SLENDER * thick, SHORTEST * longest)
        thin = thick <= max(THICKEST * min(level.shape), THICKEST_PIXELS)
        if length < max(long, 2 * SHORTEST_RUN) or not thin or covered < COVERED * length:
            continue
        around = level[max(top - high, 0) : top + 2 * high, left : left + length]
        higher = cv2.morphologyEx(around, cv2.MORPH_OPEN, np.ones((round(thick) + 3, 1), np.uint8))
        if np.count_nonzero(higher.any(axis=0)) <= (1 - BARE) * length:
            rules[part][own] = 255
            widths.append(thick)
    return (rules, max(round(float(np.median(widths))), 1)) if widths else None
