"""Isolate the digit in a drawing that holds other ink too."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing, Mask
from models.preprocessing.ruled_lines import erase_lines

LONGEST_SIDE = 256
"""Pixels to which a drawing is scaled down."""
FAINT = 0.2
"""Share of the dark ink's level below which ink counts as paper while lines are looked for."""
PALE = 0.4
"""Share of the digit's level below which ink that touches it is not part of it: a pale ruling or a shadow's edge."""
CENTRAL = 0.35
"""Standard deviation of the positions of digits about the middle, in sides of the drawing."""
CUT_OFF = 0.35
"""Weight of a component that reaches the drawing's edge, relative to one that does not."""
REACH = 0.3
"""Largest gap between a digit and a detached part of it, in sides of the digit."""
DETACHED = 0.14
"""Smallest length of a detached part, as the bar of a 5, in sides of the digit."""

ALIKE = 0.5
"""Smallest share of the digit's height that one beside it has, and that both stand side by side."""
BESIDE = 1.0
"""Largest gap between a digit and one beside it, in heights of the taller."""

_SQUARE = np.ones((3, 3), np.uint8)


def isolate(drawing: Drawing, quick: bool = False) -> tuple[Drawing, Drawing]:
    """Erase ruled and grid lines, then keep the component that is most like a digit and its detached parts.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink; not blank.
        quick: give up a drawing with many lines.

    Returns:
        The digit alone, and the digit with those that stand beside it: both (h', w') uint8, no side longer than
        LONGEST_SIDE, not blank.

    Raises:
        TakesLong: it was to be quick.
    """
    scale = LONGEST_SIDE / max(drawing.shape)
    if scale < 1:
        height, width = drawing.shape
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        drawing = cv2.resize(drawing, size, interpolation=cv2.INTER_AREA)
    inked = drawing[drawing > 0]
    if not inked.size:
        return drawing, drawing
    mask = erase_lines(_above(drawing, FAINT * _level(inked, 80)), quick)
    digit, row = _digit(drawing, mask)
    if not digit.any():
        return drawing, drawing
    digit, _ = _digit(drawing, cv2.min(digit, _above(drawing, PALE * _level(drawing[digit > 0], 85))))
    isolated: Drawing = cv2.min(drawing, cv2.dilate(digit, _SQUARE))
    return isolated, cv2.min(drawing, cv2.dilate(row, _SQUARE))


def _level(inked: Drawing, percent: float) -> float:
    """Return a percentile of the ink, which ignores a few speckles and the soft edges of strokes."""
    return float(np.percentile(inked, percent))


def _above(drawing: Drawing, level: float) -> Mask:
    above: Mask = cv2.threshold(drawing, max(level, 2), 255, cv2.THRESH_BINARY)[1]
    return above


def _digit(drawing: Drawing, mask: Mask) -> tuple[Mask, Mask]:
    """Keep the component that is heavy, large and central, and the parts close to it.

    Returns:
        The mask of these; and that of the same and of those like it that stand beside it.
    """
    count, labels, stats, centers = cv2.connectedComponentsWithStats(mask)
    if count <= 2:
        return mask, mask
    height, width = mask.shape
    left, top, across, down, area = stats[1:].T.astype(np.float64)
    right, bottom, sides = left + across, top + down, np.maximum(across, down)
    mass = np.bincount(labels.ravel(), weights=drawing.ravel(), minlength=count)[1:]
    cut_off = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    distance = np.hypot(centers[1:, 0] / width - 0.5, centers[1:, 1] / height - 0.5)
    likeness = np.sqrt(mass) * sides * np.exp(-((distance / CENTRAL) ** 2)) * np.where(cut_off, CUT_OFF, 1)
    main = int(likeness.argmax())
    gap_across = np.maximum(np.maximum(left - right[main], left[main] - right), 0)
    gap_down = np.maximum(np.maximum(top - bottom[main], top[main] - bottom), 0)
    near = np.hypot(gap_across, gap_down) <= REACH * sides[main]
    level = mass / area
    kept = near & (~cut_off | cut_off[main]) & (sides >= DETACHED * sides[main]) & (level > PALE * level[main])
    kept[main] = True
    table = np.zeros(count, np.uint8)
    table[1:][kept] = 255
    digit: Mask = table[labels]
    shorter, taller = np.minimum(down, down[main]), np.maximum(down, down[main])
    side_by_side = np.minimum(bottom, bottom[main]) - np.maximum(top, top[main])
    alike = (shorter >= ALIKE * taller) & (side_by_side >= ALIKE * shorter) & (level > PALE * level[main])
    table[1:][alike & ~cut_off & (gap_across <= BESIDE * taller)] = 255
    row: Mask = table[labels]
    return digit, row
