"""Redraw any drawing of one digit as the 28x28 that the model was trained on.

The recipe is MNIST's own (LeCun et al. 1998): crop the digit, scale it into a 20x20 box with its aspect kept, and put
its centre of mass at the centre of 28x28. Strokes are first brought to the width that they have in MNIST. Canvases,
uploads, JSON and training data all pass through here.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from models.arrays import Digit, Drawing, Mask
from models.errors import DrawingError
from models.preprocessing import edges, faint_ink, marks, sheet
from models.preprocessing.clutter import is_cluttered
from models.preprocessing.mnist_geometry import BOX, CENTER, FAINTEST, SIZE, center_of_mass, is_canonical
from models.preprocessing.segmentation import isolate
from models.preprocessing.several_digits import is_wide, may_be_several
from models.preprocessing.stroke_width import mend_strokes

CANONICAL_VERSION = 3
"""Raise this with every change to the digits that `canonicalize` returns: artifacts of another version are refused."""

WORK = 80
"""Longest side of the digit, in pixels, while its strokes are mended: four times the box."""
SPECK = 0.06
"""Share of the largest component's longest side below which a component is dirt."""
MOST_COMPONENTS = 32
"""Number of components that are kept at most. A digit has fewer; noise has a hundred thousand."""
FINE = 4
"""Number of parts into which a pixel's side is divided to position the digit."""
FIT = 19 * FINE
"""Longest side of the positioned digit: wherever it lies, it covers 19 or 20 pixels."""
PALE = 96
"""Level of the darkest ink below which a 28x28 is stretched. All digits of MNIST have 254 or 255."""
HAZE = 0.25
"""Share of the threshold between paper and ink below which a pixel is paper."""


def canonicalize(drawing: Drawing, quick: bool = False, whole: bool = False) -> Digit:
    """Redraw one digit the way MNIST draws it.

    A 28x28 that is laid out as in MNIST is returned as it is, even with clutter on it.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink; any size.
        quick: give up a drawing with many lines.
        whole: all ink is the digit's, as where a line was cut into digits: leave out no marks.

    Returns:
        (28, 28) uint8; ink within 20x20, centre of mass at the centre.

    Raises:
        BlankDrawing: the drawing has no ink.
        DrawingError: the array is not two-dimensional uint8.
        TakesLong: it was to be quick.
    """
    return canonicalize_in_row(drawing, None, quick, whole).digit


class Canonical(NamedTuple):
    """What a drawing gave."""

    digit: Digit
    """(28, 28) uint8; ink within 20x20, centre of mass at the centre."""
    row: Drawing | None = None
    """(h, w) uint8, the ink that may be several digits; None if there is surely one."""
    other: Digit | None = None
    """The same drawing read with what was taken for no part of the digit; None if that is certain."""


def canonicalize_in_row(
    drawing: Drawing, row: Drawing | None = None, quick: bool = False, whole: bool = False
) -> Canonical:
    """Do as `canonicalize`, and return beside its result what it left open.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink; any size.
        row: of a photo, the digit with those that stand beside it.
        quick, whole: as for `canonicalize`.
    """
    if drawing.ndim != 2 or drawing.dtype != np.uint8 or not drawing.size:
        raise DrawingError(f"A drawing must be (h, w) uint8, not {drawing.shape} {drawing.dtype}.")
    drawing = _legible(drawing)
    if is_canonical(drawing):
        return Canonical(drawing)
    drawing = drawing if whole else _without_edges(drawing)
    if _is_laid_out(drawing, whole):
        return Canonical(drawing)
    cropped, inked, other = _crop(drawing, quick, whole)
    row = inked if row is None else row
    if row is not None and not may_be_several(row):
        row = None
    return Canonical(_redraw(cropped), row, None if other is None else _redraw(other))


def _redraw(cropped: Drawing) -> Digit:
    return _center(mend_strokes(cropped, WORK / BOX))


def steps(drawing: Drawing) -> dict[str, Drawing]:
    """Return the intermediate results of `canonicalize`, for display.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink; any size.

    Returns:
        In order: `ink`, the drawing as it came; `cropped` to the digit; `mended` to MNIST's stroke width; `centered`,
        the canonical digit. A drawing that is laid out as in MNIST has only the first and the last.

    Raises:
        BlankDrawing: the drawing has no ink.
    """
    bare = _without_edges(_legible(drawing))
    if _is_laid_out(bare):
        return {"ink": drawing, "centered": bare}
    cropped, _, _ = _crop(bare)
    mended = mend_strokes(cropped, WORK / BOX)
    return {"ink": drawing, "cropped": cropped, "mended": mended, "centered": _center(mended)}


def _legible(drawing: Drawing) -> Drawing:
    """Stretch the contrast of a 28x28 that may be returned as it is, if MNIST has no such pale ink."""
    if drawing.shape != (SIZE, SIZE):
        return drawing
    darkest = cv2.minMaxLoc(drawing)[1]
    if darkest >= PALE:
        return drawing
    return faint_ink.stretch(drawing) if darkest < FAINTEST else cv2.convertScaleAbs(drawing, alpha=255 / darkest)


def _without_edges(drawing: Drawing) -> Drawing:
    """Erase a frame's edges where ink runs along a side of the drawing; most drawings have none at its corners."""
    corners = drawing[0, 0], drawing[0, -1], drawing[-1, 0], drawing[-1, -1]
    return edges.erase(drawing) if any(corners) else drawing


def _is_laid_out(drawing: Drawing, whole: bool = False) -> bool:
    return is_canonical(drawing) or (is_cluttered(drawing) and (whole or not _is_marked(drawing)))


def _is_marked(drawing: Drawing) -> bool:
    mask = _ink_mask(drawing)
    return marks.are_in(mask) or sheet.lift_ink(drawing, mask) is not None


def _ink_mask(drawing: Drawing) -> Mask:
    mask: Mask = cv2.threshold(drawing, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    return mask


def _crop(drawing: Drawing, quick: bool = False, whole: bool = False) -> tuple[Drawing, Drawing | None, Drawing | None]:
    """Crop to the digit, scale its longest side to WORK pixels and stretch its contrast to 0..255.

    Returns:
        The digit; all ink, or where there are lines the digit with those that stand beside it, None if the ink is
        narrow and in one piece; and the digit with what may be a part of it after all, else None.
    """
    inked, spans = _crop_to_ink(drawing)
    if cv2.minMaxLoc(inked)[1] < FAINTEST:
        return _crop(faint_ink.stretch(drawing), quick, whole)
    row = None
    if spans:  # as ruled and grid lines do
        isolated, row = isolate(drawing, quick)
        inked, _ = _crop_to_ink(isolated)
    uncut = inked
    inked = _halve(inked)
    threshold, mask = cv2.threshold(inked, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    inked, mask, is_connected, is_one = _without_specks(inked, mask)
    if not whole and sheet.is_likely(mask) and (written := sheet.lift_ink(uncut, _ink_mask(uncut))) is not None:
        return _crop(written, quick)
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
    ink = cv2.subtract(_scale(_cut(inked, cv2.boundingRect(mask)), WORK), haze)
    stretched: Drawing = cv2.convertScaleAbs(ink, alpha=255 / (ink_level - haze))
    return stretched


def _crop_to_ink(drawing: Drawing) -> tuple[Drawing, bool]:
    """Return the rectangle that holds all ink, and whether it reaches from one edge of the drawing to the other."""
    height, width = drawing.shape
    box = cv2.boundingRect(drawing)
    inked = _cut(drawing, box)
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


def _cut(drawing: Drawing, rectangle: Sequence[int]) -> Drawing:
    left, top, width, height = rectangle
    return drawing[top : top + height, left : left + width]


def _scale(drawing: Drawing, longest: int) -> Drawing:
    """Scale the longest side to that many pixels and keep the aspect."""
    height, width = drawing.shape
    scale = longest / max(width, height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    scaled: Drawing = cv2.resize(drawing, size, interpolation=cv2.INTER_LINEAR)
    return scaled


def _center(ink: Drawing) -> Digit:
    """Scale the longest side to 19 pixels and put the centre of mass at the centre, to a quarter of a pixel."""
    ink = _scale(_cut(ink, cv2.boundingRect(ink)), FIT)
    x, y = center_of_mass(ink)
    height, width = ink.shape
    left = min(max(round(FINE * CENTER - x), 0), FINE * SIZE - width)
    top = min(max(round(FINE * CENTER - y), 0), FINE * SIZE - height)
    columns, rows = _covered(left, width), _covered(top, height)
    fine = np.zeros((FINE * len(rows), FINE * len(columns)), np.uint8)
    fine[top % FINE : top % FINE + height, left % FINE : left % FINE + width] = ink
    digit = np.zeros((SIZE, SIZE), np.uint8)
    digit[rows.start : rows.stop, columns.start : columns.stop] = cv2.resize(
        fine, (len(columns), len(rows)), interpolation=cv2.INTER_AREA
    )
    return digit


def _covered(start: int, length: int) -> range:
    """Return the pixels that a stretch of FINE parts of pixels touches."""
    return range(start // FINE, -(-(start + length) // FINE))
