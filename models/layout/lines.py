"""Find the lines of digits in a picture."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing
from models.layout import clutter, frames, letters, paper, reading_order, remnants, rows, rules, sheets, skew, touching
from models.layout import components as pieces_of_ink
from models.layout.components import Components
from models.layout.page import MOST_HEIGHT, Box, Page, Picture, TextLine
from models.layout.rows import Row
from models.layout.sheets import Sheet

MOST_PIXELS = 300_000, 1_500_000
"""Of the picture in which lines are looked for; larger ones are scaled down. The first if its lines are high enough."""
HIGH_ENOUGH = 26
"""Pixels of the height of lines that a larger picture would not show better."""
MOST_LINES = 200
"""Lines of a page; of more, the highest are kept."""
SMALLEST = 6
"""Pixels of the smallest piece of ink."""
LOWEST = 7
"""Pixels of the height of the lowest line."""
MARGIN = 4
"""Pixels of paper around the ink of a line."""
BENT = 0.85
"""A line is turned level if this share of its height, at most, is left."""
SPECK, FEW = 0.4, 3
"""Share of the height of the highest line below which a row of so few pieces is specks."""
DASH = 3
"""Smallest width of a level stroke in heights of it."""
FRAME = 0.8
"""Smallest height of the frame of a meter's window, share of the strip's."""
FRAMES_IN_FRAMES = 2
"""How often frames are looked for: the boxes in a table are seen after it is erased."""


def find_lines(picture: Picture) -> Page:
    """Find the lines of a picture, in reading order.

    Lines that hold no digits may be among them: the reader skips letters and signs. A picture with more ink than a
    page of numbers has is read in part: see MOST_LINES and components.MOST.

    Args:
        picture: (h, w) or (h, w, 3) uint8, of up to 12 megapixels.

    Returns:
        A page without lines if there is no ink.
    """
    if min(picture.shape[:2]) < LOWEST:
        return Page([])
    lines: list[TextLine] = []
    for most in MOST_PIXELS:
        small = _reduced(picture, most)
        scale = np.array([[picture.shape[1] / small.shape[1]], [picture.shape[0] / small.shape[0]]])
        on_ground = sheets.find(small)
        lines = _on_sheet(on_ground) if on_ground else _lines(small)
        if small is picture or (lines and min(line.box[3] for line in lines) >= HIGH_ENOUGH):
            break
    return Page([line._replace(to_picture=line.to_picture * scale) for line in lines])


def _on_sheet(sheet: Sheet) -> list[TextLine]:
    """Find the lines of a sheet, in the picture that it lies in."""
    place = np.vstack([sheet.to_picture, (0, 0, 1)])
    return [
        line._replace(to_picture=(place @ np.vstack([line.to_picture, (0, 0, 1)]))[:2])
        for line in _lines(sheet.picture, is_sheet=True, is_strip=sheet.is_strip)
    ]


def _lines(picture: Picture, is_sheet: bool = False, is_strip: bool = False) -> list[TextLine]:
    """Find the lines of a picture or of a sheet, in reading order; of a strip its one line."""
    sheet = paper.find_ink(picture)
    mask = pieces_of_ink.ink_mask(sheet.ink, sheet.floor)
    if not is_sheet and (taken_for_ink := sheets.within(picture, mask)):
        return _on_sheet(taken_for_ink)
    slope = skew.estimate(mask)
    faint = cv2.compare(sheet.ink, float(sheet.floor), cv2.CMP_GT)
    found = pieces_of_ink.find(mask, SMALLEST)
    for _ in range(FRAMES_IN_FRAMES):
        if not frames.erase(mask, found, slope):
            break
        found = pieces_of_ink.find(mask, SMALLEST)
    rings = clutter.frames(found).rings
    if len(rings):
        frames.erase_outlines(mask, found, rings)
    without = rules.erase(mask, faint, slope)
    is_ruled = without is not mask
    if len(rings) or is_ruled:
        found = pieces_of_ink.find(without, SMALLEST)
    found = _without_clutter(found, sheet.ink, is_ruled)
    if is_strip:
        found = _without_frames(found, picture.shape[0])
    elif touching.cut(without, found, slope):
        found = _without_clutter(pieces_of_ink.find(without, SMALLEST), sheet.ink, is_ruled)
    lines = _plausible(found, rows.find(found, slope), slope)
    if is_strip and lines:
        lines = [max(lines, key=lambda row: row.height * len(row.pieces) ** 0.5)]
    if len(lines) > MOST_LINES:
        lines = sorted(lines, key=lambda row: -row.height)[:MOST_LINES]
    boxes = [_box(found, row) for row in lines]
    return [_cut(sheet.ink, found, lines[at]) for at in reading_order.order(boxes)]


def _reduced(picture: Picture, most: int) -> Picture:
    height, width = picture.shape[:2]
    scale = (most / (height * width)) ** 0.5
    if scale >= 1:
        return picture
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    reduced: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return reduced


def _without_clutter(found: Components, ink: Drawing, is_ruled: bool) -> Components:
    if is_ruled:
        found = remnants.without(found, ink, clutter.usual_height(found))
    return clutter.without(found)


def _without_frames(found: Components, height: int) -> Components:
    """Leave out the frames of a meter's windows: they are as high as the strip, its digits are not."""
    frames = (found.height > FRAME * height) | ((found.width > 2 * found.height) & (found.height > 0.3 * height))
    digits = ~frames & (found.height > 0.3 * height)
    return found.chosen(~frames) if np.count_nonzero(digits) >= 2 else found


def _plausible(found: Components, written: list[Row], slope: float) -> list[Row]:
    """Choose the rows that may hold digits: neither specks, nor dashes, nor printed text."""
    tall = max((row.height for row in written if len(row.pieces) > 1), default=0.0)
    text = [row for row in written if letters.are_in(found, row, slope, tall)]
    return [
        row
        for row in written
        if row.height >= LOWEST
        and (row.height >= SPECK * tall or len(row.pieces) > FEW)
        and not _is_dash(found, row)
        and not letters.belongs_to(row, text, tall)
    ]


def _is_dash(found: Components, row: Row) -> bool:
    """Tell whether a row holds nothing but level strokes or the edge of a shadow."""
    return bool((found.width[row.pieces] > DASH * found.height[row.pieces]).all())


def _box(found: Components, row: Row) -> Box:
    own = found.chosen(row.pieces)
    left, top = int(own.left.min()), int(own.top.min())
    return left, top, int(own.right.max()) - left, int(own.bottom.max()) - top


def _cut(ink: Drawing, found: Components, row: Row) -> TextLine:
    """Cut a line out of the page, level and without other ink."""
    x, y, width, height = _box(found, row)
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


def _slope(found: Components, row: Row) -> float:
    """Fit a straight line through the middles of a row's high pieces: the median of the slopes of all pairs (Theil)."""
    own = found.chosen(row.pieces)
    high = own.chosen(own.height >= 0.5 * row.height)
    if len(high.numbers) < 3:
        return 0.0
    x, y = high.left + high.width / 2, high.top + high.height / 2
    across, down = x[:, None] - x, y[:, None] - y
    apart = across > 0.5 * row.height
    return float(np.median(down[apart] / across[apart])) if apart.any() else 0.0


def _turn(shape: tuple[int, ...], slope: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    height, width = shape
    degrees = float(np.degrees(np.arctan(slope)))
    return np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), np.float64)


def _turned(
    drawing: Drawing, own: Drawing, turn: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> tuple[Drawing, Box]:
    height, width = drawing.shape
    turned = cv2.warpAffine(drawing, turn, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(own, turn, (width, height), flags=cv2.INTER_NEAREST)
    x, y, across, down = cv2.boundingRect(mask)
    return turned, (x, y, max(across, 1), max(down, 1))
