"""Crop a drawing to its digit: without ruled lines, specks, marks, and the sheet that it lies on."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from models.arrays import Drawing, Mask
from models.preprocessing import faint_ink, marks, sheet
from models.preprocessing.mnist_geometry import FAINTEST
from models.preprocessing.scaling import cut, scale
from models.preprocessing.segmentation import isolate
from models.preprocessing.several_digits import is_wide

WORK = 80
"""Longest side of the digit, in pixels, while its strokes are mended: four times the box."""
SPECK = 0.06
"""Share of the largest component's longest side below which a component is dirt."""
MOST_COMPONENTS = 32
"""Number of components that are kept at most. A digit has fewer; noise has a hundred thousand."""
HAZE = 0.25
"""Share of the threshold between paper and ink below which a pixel is paper."""


def ink_mask(drawing: Drawing) -> Mask:
    """Tell ink from paper by Otsu's threshold: 255 the ink."""
    mask: Mask = cv2.threshold(drawing, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    return mask


def crop(drawing: Drawing, quick: bool = False, whole: bool = False) -> tuple[Drawing, Drawing | None, Drawing | None]:
    """Crop to the digit, scale its longest side to WORK pixels and stretch its contrast to 0..255.

    Returns:
        The digit; all ink, or where there are lines the digit with those that stand beside it, None if the ink is
        narrow and in one piece; and the digit with what may be a part of it after all, else None.
    """
    inked, spans = _crop_to_ink(drawing)
    if cv2.minMaxLoc(inked)[1] < FAINTEST:
        return crop(faint_ink.stretch(drawing), quick, whole)
    row = None
    if spans:  # as ruled and grid lines do
        isolated, row = isolate(drawing, quick)
        inked, _ = _crop_to_ink(isolated)
    uncut = inked
    inked = _halve(inked)
    threshold, mask = cv2.threshold(inked, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    inked, mask, is_connected, is_one = _without_specks(inked, mask)
    if not whole and sheet.is_likely(mask) and (written := sheet.lift_ink(uncut, ink_mask(uncut))) is not None:
        return crop(written, quick)
    wide = is_wide(uncut)
    if row is None and (wide or not is_connected):  # which most digits are not
        row = uncut
    other = None
    if not whole and (wide or not is_one) and (unmarked := marks.leave_out(mask)):
        if unmarked.other is not None:
            other = _stretch(_chosen(inked, unmarked.other, mask), unmarked.other, threshold)
        row = _chosen(inked, unmarked.row, mask)
        inked, mask = _chosen(inked, unmarked.digit, mask), unmarked.digit
    return _stretch(inked, mask, threshold), row, other


def _stretch(inked: Drawing, mask: Mask, threshold: float) -> Drawing:
    """Scale the longest side of what the mask holds to WORK pixels, and stretch the contrast to 0..255."""
    ink_level = cv2.norm(inked, cv2.NORM_L1, mask) / cv2.countNonZero(mask)
    haze = HAZE * threshold
    ink = cv2.subtract(scale(cut(inked, cv2.boundingRect(mask)), WORK), haze)
    stretched: Drawing = cv2.convertScaleAbs(ink, alpha=255 / (ink_level - haze))
    return stretched


def _crop_to_ink(drawing: Drawing) -> tuple[Drawing, bool]:
    """Return the rectangle that holds all ink, and whether it reaches from one edge of the drawing to the other."""
    height, width = drawing.shape
    box = cv2.boundingRect(drawing)
    inked = cut(drawing, box)
    if not inked.size:
        raise faint_ink.no_ink()
    return inked, box[2] == width or box[3] == height


def _halve(drawing: Drawing) -> Drawing:
    """Halve the sides until the longest is below 1.5 WORK; means of 2x2 pixels are exact and fast."""
    while max(drawing.shape) >= 1.5 * WORK and min(drawing.shape) >= 2:
        height, width = drawing.shape
        even = drawing[: height // 2 * 2, : width // 2 * 2]
        drawing = cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return drawing


def _without_specks(drawing: Drawing, mask: Mask) -> tuple[Drawing, Mask, bool, bool]:
    """Erase the components that are tiny beside the largest one, in the drawing and in the mask of its ink.

    Returns:
        Both, whether one component is left with what is in its holes, and whether there was but one component.
    """
    components_and_paper, _ = cv2.connectedComponents(mask)
    if components_and_paper == 2:  # which most digits have, and which takes half the time of finding contours
        return drawing, mask, True, True
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sides = np.array([max(cv2.boundingRect(contour)[2:]) for contour in contours])
    largest = np.argsort(-sides, kind="stable")[:MOST_COMPONENTS]
    kept = [contours[i] for i in largest if sides[i] >= SPECK * sides.max()]
    if len(kept) == len(contours):
        return drawing, mask, len(kept) == 1, False
    mask = cv2.min(mask, cv2.drawContours(np.zeros_like(mask), kept, -1, 255, cv2.FILLED))
    return cv2.min(drawing, cv2.dilate(mask, _disk(2))), mask, len(kept) == 1, False


def _chosen(drawing: Drawing, chosen: Mask, mask: Mask) -> Drawing:
    """Erase ink that was not chosen, with its soft edge, but not the soft edge of what was."""
    left_out = cv2.dilate(cv2.subtract(mask, chosen), _disk(2))
    kept: Drawing = cv2.subtract(drawing, cv2.subtract(left_out, cv2.dilate(chosen, _disk(1))))
    return kept


@functools.cache
def _disk(radius: int) -> Mask:
    disk: Mask = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return disk
