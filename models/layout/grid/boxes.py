"""Find a grid of boxes that stand apart from each other, as on forms: so many outlines of one size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.layout.grid.mesh import Corners
from models.layout.grid.rules import Rules

CLEAR = 64
"""Level of rules above which they hang together."""
SMALLEST = 8
"""Pixels of the map of a box's shorter side."""
SAME = 0.25
"""Difference of two sides, as a share, up to which they are the same."""
MOST = 1000
"""Outlines that are looked at: a page of text has more."""
APART = 0.1, 0.5
"""Gap between boxes, as a share of the way from one to the next: with less they are cells of one grid."""

Boxes = NDArray[np.float64]
"""(n, 4): x, y of the middle, width, height."""


def find_boxes(rules: Rules, rows: int, columns: int) -> Corners | None:
    """Find exactly rows x columns boxes of one size, evenly apart.

    Args:
        rules: of the picture.
        rows: of the grid.
        columns: of the grid.

    Returns:
        The boxes' corners in pixels of the maps; None if there are no such boxes.
    """
    boxes = _alike(_outlined(rules), rows * columns)
    if rows * columns < 2 or len(boxes) != rows * columns:
        return None
    # the maps are level: a row's boxes are above all of the next
    ordered = boxes[np.argsort(boxes[:, 1], kind="stable")].reshape(rows, columns, 4)
    ordered = np.stack([row[np.argsort(row[:, 0], kind="stable")] for row in ordered])
    width, height = np.median(boxes[:, 2:], axis=0)
    gaps = [
        np.median(np.diff(ordered[:, :, axis], axis=1 - axis)) - side
        for axis, side, n in ((0, width, columns), (1, height, rows))
        if n > 1
    ]
    right, down = gaps[0] + width, gaps[-1] + height
    if min(right, down) <= 0:
        return None
    shares = 1 - width / right, 1 - height / down
    if max(shares) < APART[0] or min(shares) < 0 or max(shares) > APART[1]:
        return None
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    around = np.array([(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)])
    places = np.stack([x, y], axis=2)[:, :, None] + around * (width / right, height / down)
    outlined = ordered[:, :, None, :2] + around * ordered[:, :, None, 2:]
    homography, _ = cv2.findHomography(places.reshape(-1, 2), outlined.reshape(-1, 2))
    if homography is None:
        return None
    corners: Corners = cv2.perspectiveTransform(places.reshape(-1, 1, 2), homography).reshape(rows, columns, 2, 2, 2)
    off = abs(corners.mean(axis=(2, 3)) - ordered[:, :, :2]).max(axis=(0, 1))
    return corners if off[0] < SAME * right and off[1] < SAME * down else None


def _outlined(rules: Rules) -> Boxes:
    """Return what hangs together by its rules, with the digit in it, the largest first."""
    mask = cv2.threshold(cv2.max(rules.level, rules.plumb), CLEAR, 255, cv2.THRESH_BINARY)[1]
    whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    left, top, width, height = cv2.connectedComponentsWithStats(whole)[2][1:, :4].T.astype(np.float64)
    boxes = np.stack([left + width / 2, top + height / 2, width, height], axis=1)
    boxes = boxes[np.minimum(width, height) >= SMALLEST]
    outlined: Boxes = boxes[np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")[:MOST]]
    return outlined


def _alike(boxes: Boxes, n: int) -> Boxes:
    """Return the largest boxes of which there are n of one size; none if there are no n."""
    for box in boxes:
        same = (abs(boxes[:, 2:] / box[2:] - 1) <= SAME).all(axis=1)
        if np.count_nonzero(same) == n:
            alike: Boxes = boxes[same]
            return alike
    return boxes[:0]
