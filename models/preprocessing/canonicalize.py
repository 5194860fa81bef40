"""Redraw any drawing of one digit as the 28x28 that the model was trained on.

The recipe is MNIST's own (LeCun et al. 1998): crop the digit, scale it into a 20x20 box with its aspect kept, and put
its centre of mass at the centre of 28x28. Strokes are first brought to the width that they have in MNIST. Canvases,
uploads, JSON and training data all pass through here.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from models.arrays import Digit, Drawing
from models.errors import DrawingError
from models.preprocessing import edges, faint_ink, marks, sheet
from models.preprocessing.clutter import is_cluttered
from models.preprocessing.cropping import WORK, crop, ink_mask
from models.preprocessing.mnist_geometry import BOX, FAINTEST, SIZE, is_canonical
from models.preprocessing.scaling import center
from models.preprocessing.several_digits import may_be_several
from models.preprocessing.stroke_width import mend_strokes

CANONICAL_VERSION = 3
"""Raise this with every change to the digits that `canonicalize` returns of unmarked drawings of one digit: artifacts
of another version are refused."""

PALE = 96
"""Level of the darkest ink below which a 28x28 is stretched. All digits of MNIST have 254 or 255."""


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
    cropped, inked, other = crop(drawing, quick, whole)
    row = inked if row is None else row
    if row is not None and not may_be_several(row):
        row = None
    return Canonical(_redraw(cropped), row, None if other is None else _redraw(other))


def _redraw(cropped: Drawing) -> Digit:
    return center(mend_strokes(cropped, WORK / BOX))


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
    cropped, _, _ = crop(bare)
    mended = mend_strokes(cropped, WORK / BOX)
    return {"ink": drawing, "cropped": cropped, "mended": mended, "centered": center(mended)}


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
    mask = ink_mask(drawing)
    return marks.are_in(mask) or sheet.lift_ink(drawing, mask) is not None
