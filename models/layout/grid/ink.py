"""Lift the ink of one cell of a grid off its paper, without the rules around it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing, Mask
from models.layout.page import Box

BEYOND = 0.08
"""Share of a cell's shorter side that is cut out beyond its rules."""
WIDEST_STROKE = 0.3
"""Share of a cell's shorter side that no stroke is wide."""
FAINTEST = 0.1
"""Share of the light that the faintest ink absorbs."""
GRAIN = 4.0
"""Deviations of the paper that ink stands out."""
DEVIATION = 1.48
"""Standard deviation of normal values in units of the median of their absolute ones."""
EDGE = 0.35
"""Share of the ink's absorption at its edges."""
FULL = 98
"""Percentile of absorption, of the digit or of the middle of its cell, that is full ink."""
DARKEST = 95
"""Percentile of absorption in the middle of a cell above which the colour of the ink is measured."""
INNER = 6
"""Divisor of a cell's sides that gives the margin around its middle: no rules reach into it."""
NEAR, RULE = 0.22, 0.7
"""Share of the cell's shorter side within which rules end, and share of a rule's length that is inked."""
FAR, FAR_RULE = 0.45, 0.9
"""The same of boxes that stand apart."""
LEAST_HEIGHT, LEAST_LENGTH = 0.2, 0.25
"""Height and longest side of the smallest digit, share of the cell's shorter side."""
SHALLOW = 0.15
"""Share of the cell that the ink of a neighbour, or of a rule, reaches into it."""
REACH = 0.3
"""Largest gap between a digit and a detached part, in sides of the digit."""
SPECK = 0.12
"""Longest side of a speck, in sides of the digit."""

Absorption = NDArray[np.float32]
"""(h, w) share of the paper's light that is missing, 0 to 1, give or take the paper's grain."""


class CellInk(NamedTuple):
    """The digit of a cell."""

    drawing: Drawing
    """(h, w) uint8 of the cell; nothing but the digit."""
    box: Box
    """Of the digit."""
    contrast: float
    """Share of the light that it absorbs."""


def lift(cell: NDArray[np.uint8], beyond: int) -> CellInk | None:
    """Lift the ink off a cell.

    Args:
        cell: (h, w) or (h, w, 3) uint8, dark ink on light paper, with its rules.
        beyond: pixels on each side before the rules' middle.

    Returns:
        None if the cell is empty.
    """
    raw = absorption(cell, beyond)
    grain = DEVIATION * float(np.median(abs(raw - cv2.blur(raw, (5, 5)))))
    absorbed = np.clip(raw, 0, 1)
    height, width = absorbed.shape
    strongest = float(np.percentile(_inner(absorbed), FULL))
    faintest = max(FAINTEST, GRAIN * grain)
    if strongest < faintest:
        return None
    mask = (absorbed > max(EDGE * strongest, faintest / 2)).astype(np.uint8) * 255
    _erase_rules(mask, beyond)
    digit = _digit(mask, absorbed, beyond)
    if not digit.any():
        return None
    box = cv2.boundingRect(digit)
    shorter = min(height, width) - 2 * beyond
    if box[3] < LEAST_HEIGHT * shorter or max(box[2:]) < LEAST_LENGTH * shorter:
        return None
    inked = absorbed[digit > 0]
    contrast = float(np.percentile(inked, 75))
    if contrast < faintest:
        return None
    around = cv2.dilate(digit, np.ones((5, 5), np.uint8))
    drawing = cv2.min(cv2.convertScaleAbs(absorbed, alpha=255 / float(np.percentile(inked, FULL))), around)
    return CellInk(drawing, (box[0], box[1], box[2], box[3]), contrast)


def absorption(cell: NDArray[np.uint8], beyond: int) -> Absorption:
    """Tell ink by how much light it takes of the paper around it, in the colours that it takes."""
    height, width = cell.shape[:2]
    side = round(WIDEST_STROKE * (min(height, width) - 2 * beyond)) // 2 * 2 + 1
    soft = cv2.GaussianBlur(cell, (3, 3), 0)
    around = cv2.copyMakeBorder(soft, side, side, side, side, cv2.BORDER_REFLECT)
    closed = cv2.morphologyEx(around, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    # smooth, but not across the edge of a shadow
    paper = cv2.min(closed, cv2.blur(closed, (side, side)))[side:-side, side:-side].astype(np.float32) + 1
    missing = np.atleast_3d(1 - (soft.astype(np.float32) + 1) / paper)
    missing -= np.median(missing, axis=(0, 1))
    taken = missing.max(axis=2)
    inner = _inner(taken)
    inked = _inner(missing)[inner >= np.percentile(inner, DARKEST)]
    colour = np.maximum(inked.mean(axis=0), 0.01)
    # projected on the ink's own colour, so that the noise of colours that it lets pass is left out
    absorbed: Absorption = (missing @ (colour / (colour @ colour)) * colour.max()).astype(np.float32)
    return absorbed


def _inner(values: Absorption) -> Absorption:
    """Return the middle of a cell."""
    height, width = values.shape[0] // INNER, values.shape[1] // INNER
    return values[height:-height, width:-width]


def _erase_rules(mask: Mask, beyond: int) -> None:
    """Erase the rules on all four sides in place, and all that is beyond them."""
    sides = mask, mask[::-1], mask.T, mask.T[::-1]
    depths = [_rule_depth(side, beyond) for side in sides]
    for side, depth in zip(sides, depths, strict=True):
        side[:depth] = 0


def _rule_depth(side: Mask, beyond: int) -> int:
    """Return the first row of a cell that is below its upper rule."""
    cell = min(side.shape) - 2 * beyond
    covered = (side[:, beyond : side.shape[1] - beyond] > 0).mean(axis=1)
    near = covered[: beyond + round(NEAR * cell)] >= RULE
    far = covered[: beyond + round(FAR * cell)] >= FAR_RULE
    rows = np.append(np.flatnonzero(near), np.flatnonzero(far))
    # a rule of a curved sheet is not straight: it has a row or two that are inked in part
    return int(rows.max()) + 2 if rows.size else beyond


def _digit(mask: Mask, absorbed: Absorption, beyond: int) -> Mask:
    """Keep the component that is heavy, large and central, and the parts close to it."""
    count, labels, stats, centers = cv2.connectedComponentsWithStats(mask)
    if count == 1:
        return mask
    height, width = (side - 2 * beyond for side in mask.shape)
    left, top, across, down, _ = stats[1:].T.astype(np.float64)
    left, top = left - beyond, top - beyond
    right, bottom, sides = left + across, top + down, np.maximum(across, down)
    mass = np.bincount(labels.ravel(), weights=absorbed.ravel(), minlength=count)[1:]
    deep = np.minimum(np.minimum(right / width, 1 - left / width), np.minimum(bottom / height, 1 - top / height))
    distance = np.hypot((centers[1:, 0] - beyond) / width - 0.5, (centers[1:, 1] - beyond) / height - 0.5)
    likeness = np.sqrt(mass) * sides * np.exp(-((distance / 0.35) ** 2)) * (deep > SHALLOW)
    main = int(likeness.argmax())
    table = np.zeros(count, np.uint8)
    if likeness[main] > 0:
        gap_across = np.maximum(np.maximum(left - right[main], left[main] - right), 0)
        gap_down = np.maximum(np.maximum(top - bottom[main], top[main] - bottom), 0)
        near = np.hypot(gap_across, gap_down) <= REACH * sides[main]
        kept = near & (sides >= SPECK * sides[main]) & (deep > SHALLOW)
        kept[main] = True
        table[1:][kept] = 255
    digit: Mask = table[labels]
    return digit
