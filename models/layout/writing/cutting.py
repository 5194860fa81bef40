"""Cut a row of ink out of its page: level, and without the ink of others."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing
from models.layout.page import MOST_HEIGHT, Affine, Box, TextLine
from models.layout.writing.rows import Row
from models.preprocessing.pieces import Pieces

MARGIN = 4
"""Pixels of paper around the ink of a line."""
BENT = 0.85
"""A line is turned level if this share of its height, at most, is left."""


def box_of(found: Pieces, row: Row) -> Box:
    """Return the upright box of a row's ink on the page, in pixels."""
    own = found.chosen(row.pieces)
    left, top = int(own.left.min()), int(own.top.min())
    return left, top, int(own.right.max()) - left, int(own.bottom.max()) - top


def cut(ink: Drawing, found: Pieces, row: Row) -> TextLine:
    """Cut a line out of the page, level and without other ink.

    Args:
        ink: (h, w) uint8 of the page; 0 paper, 255 ink.
        found: its pieces.
        row: of them.
    """
    x, y, width, height = box_of(found, row)
    left, top = max(x - MARGIN, 0), max(y - MARGIN, 0)
    part = np.s_[top : y + height + MARGIN, left : x + width + MARGIN]
    labels = found.labels[part]
    table = np.zeros(int(found.numbers.max()) + 1, np.uint8)
    table[found.numbers[row.pieces]] = 255
    own = np.where(labels < len(table), table[np.minimum(labels, len(table) - 1)], 0).astype(np.uint8)
    near = cv2.dilate(own, np.ones((3, 3), np.uint8))
    near[(labels > 0) & (own == 0)] = 0
    drawing = cv2.min(ink[part], near)
    angle = _slope(found, row)
    turn = _turn(drawing.shape, angle)
    turned, box = _turned(drawing, own, turn)
    if box[3] > BENT * height:
        turn = np.eye(2, 3)
        turned, box = drawing, (x - left, y - top, width, height)
    scale = min(MOST_HEIGHT / box[3], 1)
    if scale < 1:
        size = max(round(turned.shape[1] * scale), 1), max(round(turned.shape[0] * scale), 1)
        across, down = turned.shape[1] / size[0], turned.shape[0] / size[1]
        turned = cv2.resize(turned, size, interpolation=cv2.INTER_AREA)
        box = (int(box[0] / across), int(box[1] / down), max(round(box[2] / across), 1), max(round(box[3] / down), 1))
    else:
        across = down = 1.0
    back = cv2.invertAffineTransform(turn) @ np.array([[across, 0, 0], [0, down, 0], [0, 0, 1.0]])
    back[:, 2] += left, top
    return TextLine(turned, box, back)


def _slope(found: Pieces, row: Row) -> float:
    """Fit a straight line through the middles of a row's high pieces: the median of the slopes of all pairs (Theil)."""
    own = found.chosen(row.pieces)
    high = own.chosen(own.height >= 0.5 * row.height)
    if len(high.numbers) < 3:
        return 0.0
    x, y = high.left + high.width / 2, high.top + high.height / 2
    across, down = x[:, None] - x, y[:, None] - y
    apart = across > 0.5 * row.height
    return float(np.median(down[apart] / across[apart])) if apart.any() else 0.0


def _turn(shape: tuple[int, ...], slope: float) -> Affine:
    height, width = shape
    degrees = float(np.degrees(np.arctan(slope)))
    return np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), np.float64)


def _turned(drawing: Drawing, own: Drawing, turn: Affine) -> tuple[Drawing, Box]:
    height, width = drawing.shape
    turned = cv2.warpAffine(drawing, turn, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(own, turn, (width, height), flags=cv2.INTER_NEAREST)
    x, y, across, down = cv2.boundingRect(mask)
    return turned, (x, y, max(across, 1), max(down, 1))
