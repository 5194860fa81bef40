"""Erase ruled lines, and keep the strokes that cross them.

Long level runs are rules, as staff lines in sheet music (Carter and Bacon 1992); where the ink is thicker than the
rule, a stroke crosses it.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Mask

RUN = 0.12
"""Length of the runs that rules are made of, share of the mask's longer side."""
SHORTEST_RUN = 24
"""Pixels."""
BREAK = 7
"""Pixels by which grain breaks a pale rule, at most."""
LONGEST_GAP = 2.0
"""Largest gap in a rule in runs: a stroke of a digit that is wider crosses it."""
COVERED = 0.5
"""Share of a rule's length, at least, that runs cover."""
EDGE = 0.05
"""Share of the width: rules that begin and end so near the edges run from edge to edge."""
SLENDER, SLENDER_TO_EDGES = 30, 12
"""Smallest length of a rule in widths of it, and if it runs from edge to edge."""
SHORTEST = 0.25
"""Smallest length of a rule, share of the mask's longer side, unless it runs from edge to edge."""
THICKEST = 0.03
"""Largest width of a rule, share of the mask's shorter side, at least THICKEST_PIXELS."""
THICKEST_PIXELS = 4


def erase(mask: Mask, faint: Mask, slope: float) -> Mask:
    """Erase level and upright rules.

    Args:
        mask: (h, w) uint8; 0 paper, 255 ink.
        faint: the same, with the palest ink too: of pale rules the mask may hold pieces only.
        slope: of level rules, pixels down for each pixel to the right; upright ones are at right angles to them.

    Returns:
        The mask itself if it has no rules, otherwise a new one.
    """
    without = _erased(mask, faint, slope)
    return np.ascontiguousarray(_erased(np.ascontiguousarray(without.T), np.ascontiguousarray(faint.T), -slope).T)


def _erased(mask: Mask, faint: Mask, slope: float) -> Mask:
    """Erase the level rules where no stroke crosses them."""
    height, width = mask.shape
    room = round(abs(slope) * width / 2) + 1
    shear = np.array([[1, 0, 0], [-slope, 1, room + slope * width / 2]])
    size = width, height + 2 * room
    level = cv2.warpAffine(faint, shear, size, flags=cv2.INTER_NEAREST)
    run = max(round(RUN * max(mask.shape)), SHORTEST_RUN)
    wide = cv2.morphologyEx(cv2.dilate(level, np.ones((3, 1), np.uint8)), cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8))
    runs = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    if not cv2.countNonZero(runs):
        return mask
    found = _straight(runs, level, run)
    if found is None:
        return mask
    rules, thick = found
    inked = cv2.warpAffine(mask, shear, size, flags=cv2.INTER_NEAREST)
    crossing = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((thick + 3, 1), np.uint8))
    rules[crossing > 0] = 0
    back = cv2.warpAffine(rules, shear, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return cv2.subtract(mask, back)


def _straight(runs: Mask, level: Mask, run: int) -> tuple[Mask, int] | None:
    """Choose the runs that are rules; returns their pixels and their width."""
    width = runs.shape[1]
    longest = max(level.shape)
    bridged = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, round(LONGEST_GAP * run) | 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bridged)
    pixels = cv2.bitwise_and(level, runs)
    area = np.bincount(labels[pixels > 0], minlength=count)
    covered = np.bincount(labels[runs > 0], minlength=count) / np.maximum(stats[:, cv2.CC_STAT_HEIGHT], 1)
    left, length = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_WIDTH]
    thick = area / np.maximum(covered, 1)
    to_edges = (left <= EDGE * width) & (left + length >= (1 - EDGE) * width)
    long = np.where(to_edges, SLENDER_TO_EDGES * thick, np.maximum(SLENDER * thick, SHORTEST * longest))
    thin = thick <= max(THICKEST * min(level.shape), THICKEST_PIXELS)
    chosen = (length >= long) & thin & (covered >= COVERED * length) & (length >= 2 * SHORTEST_RUN)
    chosen[0] = False
    if not chosen.any():
        return None
    table = np.where(chosen, 255, 0).astype(np.uint8)
    rules: Mask = table[labels]
    return rules, max(round(float(np.median(thick[chosen]))), 1)
