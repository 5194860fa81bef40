"""A drawing with more on it than a digit -> the digit alone."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing
from models.preprocessing.ruled_lines import erase_lines

LONGEST_SIDE = 256
"""Pixels of a drawing that are looked at."""
FAINT = 0.2
"""Share of the dark ink's level below which ink is paper, while lines are looked for: a pencil is no printer."""
PALE = 0.4
"""Share of the digit's own level below which what hangs on it is something else: a pale ruling, a shadow's edge."""
CENTRAL = 0.35
"""Standard deviation of where digits lie about the middle, in sides of the drawing."""
CUT_OFF = 0.35
"""What a piece counts that reaches the drawing's edge, against one that does not."""
REACH = 0.3
"""Sides of the digit within which a detached piece is part of it."""
DETACHED = 0.14
"""Sides of the digit that a detached part of it, as the bar of a 5, is long at least."""

_SQUARE = np.ones((3, 3), np.uint8)


def isolate(drawing: Drawing) -> Drawing:
    """Erase ruled and grid lines, then keep the piece that is most like a digit and what belongs to it.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink; not blank.

    Returns:
        (h', w') uint8, no side longer than LONGEST_SIDE, not blank.
    """
    scale = LONGEST_SIDE / max(drawing.shape)
    if scale < 1:
        height, width = drawing.shape
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        drawing = cv2.resize(drawing, size, interpolation=cv2.INTER_AREA)
    inked = drawing[drawing > 0]
    if not inked.size:
        return drawing
    mask = erase_lines(_above(drawing, FAINT * _level(inked, 80)))
    digit = _digit(drawing, mask)
    if not digit.any():
        return drawing
    digit = _digit(drawing, cv2.min(digit, _above(drawing, PALE * _level(drawing[digit > 0], 85))))
    isolated: Drawing = cv2.min(drawing, cv2.dilate(digit, _SQUARE))
    return isolated


def _level(inked: Drawing, percent: float) -> float:
    """The percentile, of which a few speckles and the soft edges of strokes are no part."""
    return float(np.percentile(inked, percent))


def _above(drawing: Drawing, level: float) -> Drawing:
    _, mask = cv2.threshold(drawing, max(level, 2), 255, cv2.THRESH_BINARY)
    above: Drawing = mask
    return above


def _digit(drawing: Drawing, mask: Drawing) -> Drawing:
    """The mask less what is no digit: of its pieces the heavy, large and central one, and those close to it."""
    count, labels, stats, centers = cv2.connectedComponentsWithStats(mask)
    if count <= 2:
        return mask
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
    digit: Drawing = table[labels]
    return digit
