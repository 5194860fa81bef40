"""Find the lines of digits in a picture."""

from __future__ import annotations

import cv2
import numpy as np

from models.arrays import Drawing
from models.layout.ink import clutter, components, frames, paper, remnants, rules, sheets, skew
from models.layout.ink.sheets import Sheet
from models.layout.page import MOST_LINES, Page, Picture, TextLine, scale_down
from models.layout.writing import cutting, letters, reading_order, rows, touching
from models.layout.writing.rows import Row
from models.preprocessing.pieces import Pieces

MOST_PIXELS = 300_000, 1_500_000
"""Of the picture in which lines are looked for; larger ones are scaled down. The first if its lines are high enough."""
HIGH_ENOUGH = 26
"""Pixels of the height of lines that a larger picture would not show better."""
SMALLEST = 6
"""Pixels of the smallest piece of ink."""
LOWEST = 7
"""Pixels of the height of the lowest line."""
SPECK, FEW = 0.4, 3
"""Share of the height of the highest line below which a row of so few pieces is specks."""
DASH = 3
"""Smallest width of a level stroke in heights of it."""
FRAME, DIGIT = 0.8, 0.3
"""Smallest height of the frame of a meter's window, and of a digit or a wide part of a frame, share of the strip's."""
FRAMES_IN_FRAMES = 2
"""How often frames are looked for: the boxes in a table are seen after it is erased."""


def find_lines(picture: Picture) -> Page:
    """Find the lines of a picture, in reading order.

    Lines that hold no digits may be among them: the reader skips letters and signs. A picture with more ink than a
    page of numbers has is read in part: see page.MOST_LINES and ink.components.MOST.

    Args:
        picture: (h, w) or (h, w, 3) uint8, of up to 12 megapixels.

    Returns:
        A page without lines if there is no ink.
    """
    height, width = picture.shape[:2]
    if min(height, width) < LOWEST:
        return Page([])
    lines: list[TextLine] = []
    for most in MOST_PIXELS:
        small = scale_down(picture, (most / (height * width)) ** 0.5)
        scale = np.array([[width / small.shape[1]], [height / small.shape[0]]])
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
    mask = components.ink_mask(sheet.ink, sheet.floor)
    if not is_sheet and (taken_for_ink := sheets.within(picture, mask)):
        return _on_sheet(taken_for_ink)
    slope = skew.estimate(mask)
    faint = cv2.compare(sheet.ink, float(sheet.floor), cv2.CMP_GT)
    found = components.find(mask, SMALLEST)
    for _ in range(FRAMES_IN_FRAMES):
        if not frames.erase(mask, found, slope):
            break
        found = components.find(mask, SMALLEST)
    rings = clutter.find_frames(found).rings
    if len(rings):
        frames.erase_outlines(mask, found, rings)
    without = rules.erase(mask, faint, slope)
    is_ruled = without is not mask
    if len(rings) or is_ruled:
        found = components.find(without, SMALLEST)
    found = _without_clutter(found, sheet.ink, is_ruled)
    if is_strip:
        found = _without_windows(found, picture.shape[0])
    elif touching.cut(without, found, slope):
        found = _without_clutter(components.find(without, SMALLEST), sheet.ink, is_ruled)
    written = rows.find(found, slope)
    level = rows.find(found, 0.0) if slope else written
    if len(level) < len(written):  # of few digits the slope is a guess
        written, slope = level, 0.0
    lines = _plausible(found, written, slope)
    if is_strip and lines:
        lines = [max(lines, key=lambda row: row.height * len(row.pieces) ** 0.5)]
    if len(lines) > MOST_LINES:
        lines = sorted(lines, key=lambda row: -row.height)[:MOST_LINES]
    boxes = [cutting.box_of(found, row) for row in lines]
    return [cutting.cut(sheet.ink, found, lines[at]) for at in reading_order.order(boxes)]


def _without_clutter(found: Pieces, ink: Drawing, is_ruled: bool) -> Pieces:
    if is_ruled:
        found = remnants.without(found, ink, clutter.usual_height(found))
    return clutter.without(found)


def _without_windows(found: Pieces, height: int) -> Pieces:
    """Leave out the frames of a meter's windows: they are as high as the strip, its digits are not."""
    windows = (found.height > FRAME * height) | ((found.width > 2 * found.height) & (found.height > DIGIT * height))
    digits = ~windows & (found.height > DIGIT * height)
    return found.chosen(~windows) if np.count_nonzero(digits) >= 2 else found


def _plausible(found: Pieces, written: list[Row], slope: float) -> list[Row]:
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


def _is_dash(found: Pieces, row: Row) -> bool:
    """Tell whether a row holds nothing but level strokes or the edge of a shadow."""
    return bool((found.width[row.pieces] > DASH * found.height[row.pieces]).all())
