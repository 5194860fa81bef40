"""Find the sheet of paper that was taken for ink, being lighter or darker than what it lies on."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing, Mask

SOLID = 0.42
"""Smallest share of the ink's upright rectangle that is inked if the ink is a sheet. Thin digits have less."""
UNDENTED, RECTANGULAR = 0.75, 0.85
"""Share of the smallest rectangle around a sheet that it fills, and with the dents that writing at its edge makes."""
CORNER = 0.12
"""Distance of a sheet's corners from those of that rectangle, at most, share of its sides."""
SMALLEST = 12
"""Shorter side of a sheet in pixels."""
WRITTEN = 0.01, 0.4
"""Smallest and largest share of a sheet that is written on."""
OTHER = 0.5
"""Level of the sheet below which there is writing on it, relative to its usual level."""
EDGE, WHOLE = 0.05, 0.85
"""Width of a sheet's margin, share of its shorter side, at least a pixel; share of it that is inked."""
HIGH = 0.2
"""Height of what is written on a sheet, at least, share of the sheet's."""
THICKEST, FILLED = 0.26, 0.72
"""Widest stroke of what is written on a sheet, share of its shorter side, where it fills so much of the smallest
rectangle around it. In a digit of blocks the holes are wider."""


def is_likely(mask: Mask) -> bool:
    """Tell in a few microseconds whether ink may be a sheet: it is solid, and its outline a rectangle without dents.

    Args:
        mask: (h, w) uint8; 255 where there is ink, which reaches to the sides.
    """
    if cv2.countNonZero(mask) < SOLID * mask.size:
        return False
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    _, (across, down), _ = cv2.minAreaRect(outline)
    return bool(cv2.contourArea(outline) >= UNDENTED * across * down)


def lift_ink(ink: Drawing, mask: Mask) -> Drawing | None:
    """Lift the ink off a sheet.

    Args:
        ink: (h, w) uint8; 0 what the sheet lies on.
        mask: (h, w) uint8; 255 where there is ink; not blank.

    Returns:
        (h, w) uint8, 0 the sheet and all around it, 255 the ink on it; None if there is no sheet, or nothing on it.
    """
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = cv2.convexHull(max(outlines, key=cv2.contourArea))  # ink that reaches the sheet's edge dents the outline
    center, (across, down), degrees = cv2.minAreaRect(outline)
    area = cv2.contourArea(outline)
    if min(across, down) < SMALLEST or area < RECTANGULAR * across * down:
        return None
    covered = area + cv2.arcLength(outline, True) / 2 + 1  # the outline runs through the middles of pixels
    if cv2.countNonZero(mask) > (1 - WRITTEN[0]) * covered:
        return None
    inside = np.zeros_like(mask)
    cv2.drawContours(inside, [outline], -1, 255, cv2.FILLED)
    corners = cv2.boxPoints((center, ((1 - CORNER) * across, (1 - CORNER) * down), degrees))
    x, y = np.rint(corners).astype(int).T
    height, width = mask.shape
    if not inside[y.clip(0, height - 1), x.clip(0, width - 1)].all():
        return None
    edge = max(round(EDGE * min(across, down)), 1)
    inside = cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=0)
    margin = cv2.subtract(inside, cv2.erode(inside, np.ones((2 * edge + 1, 2 * edge + 1), np.uint8), borderValue=0))
    if cv2.mean(mask, margin)[0] < WHOLE * 255:
        return None
    inside = cv2.subtract(inside, margin)
    within = ink[inside > 0]
    if not within.size:
        return None
    level = int(np.median(within))
    written = np.where(inside > 0, level - np.minimum(ink, level), 0).astype(np.uint8)
    darkest = int(written.max())
    _, strokes = cv2.threshold(written, max((1 - OTHER) * darkest, 1), 255, cv2.THRESH_BINARY)
    share = cv2.countNonZero(strokes) / within.size
    _, _, _, high = cv2.boundingRect(strokes)
    thickest = 2 * float(cv2.distanceTransform(np.pad(strokes, 1), cv2.DIST_L2, 3).max())
    if not WRITTEN[0] <= share <= WRITTEN[1] or high < HIGH * min(across, down):
        return None
    if thickest > THICKEST * min(across, down) and _fill(strokes) > FILLED:
        return None
    return written


def _fill(strokes: Mask) -> float:
    """Return the share of the smallest rectangle around strokes that they fill."""
    _, (across, down), _ = cv2.minAreaRect(cv2.findNonZero(strokes))
    return float(cv2.countNonZero(strokes) / ((across + 1) * (down + 1)))
