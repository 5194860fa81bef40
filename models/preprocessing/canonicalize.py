"""Any drawing of one digit -> the 28x28 that the model was trained to read.

MNIST's own recipe (LeCun et al. 1998: crop, 20x20 box with the aspect kept, centre of mass in the centre of 28x28),
with the pen's width brought to MNIST's. Used for canvas, upload and API alike.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit, Drawing
from models.errors import BlankDrawing, DrawingError
from models.preprocessing.clutter import is_cluttered
from models.preprocessing.mnist_geometry import BOX, CENTER, FAINTEST, SIZE, center_of_mass, is_canonical
from models.preprocessing.segmentation import isolate
from models.preprocessing.stroke_width import mend_strokes

CANONICAL_VERSION = 3
"""Raised with every change to what `canonicalize` draws: an artifact trained on another version is refused."""

WORK = 80
"""Longest side of the digit, pixels, while its strokes are mended: four times the box."""
SPECK = 0.06
"""A detached component whose longest side is less than this share of the largest's is dirt."""
MOST_COMPONENTS = 32
"""A digit in more pieces than these is none; noise has a hundred thousand."""
FINE = 4
"""Parts into which a pixel's side is divided before the digit is drawn in it."""
FIT = 19 * FINE
"""Longest side of the placed digit: wherever it lies, it covers 19 or 20 pixels."""
HAZE = 0.25
"""What is fainter than this share of the threshold between paper and ink is paper."""


def canonicalize(drawing: Drawing) -> Digit:
    """Redraw one digit the way MNIST draws it.

    A drawing that MNIST could have drawn comes back as it is, with clutter on it too.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink; any size.

    Returns:
        (28, 28) uint8; ink within 20x20, centre of mass at the centre.

    Raises:
        BlankDrawing: no ink anywhere.
        DrawingError: not a two-dimensional uint8 array.
    """
    if drawing.ndim != 2 or drawing.dtype != np.uint8 or not drawing.size:
        raise DrawingError(f"a drawing is (h, w) uint8, not {drawing.shape} {drawing.dtype}")
    if _stays(drawing):
        return drawing
    return _place(mend_strokes(_crop(drawing), WORK / BOX))


def steps(drawing: Drawing) -> dict[str, Drawing]:
    """What `canonicalize` makes of a drawing on the way, to be shown.

    Returns:
        In order: `ink` as it came, `cropped` to the digit, `mended` to MNIST's pen, and `centered`, which scales it to
        MNIST's size: the canonical digit. A drawing that MNIST could have drawn has but the first and the last.

    Raises:
        BlankDrawing: no ink anywhere.
    """
    if _stays(drawing):
        return {"ink": drawing, "centered": drawing}
    cropped = _crop(drawing)
    mended = mend_strokes(cropped, WORK / BOX)
    return {"ink": drawing, "cropped": cropped, "mended": mended, "centered": _place(mended)}


def _stays(drawing: Drawing) -> bool:
    return is_canonical(drawing) or is_cluttered(drawing)


def _crop(drawing: Drawing) -> Drawing:
    """The digit alone, its longest side WORK pixels, contrast stretched to 0..255."""
    drawing, box = _inked(drawing)
    height, width = drawing.shape
    if box[2] == width or box[3] == height:  # from edge to edge, as ruled and grid lines do
        drawing, box = _inked(isolate(drawing))
    drawing = _halve(_box(drawing, box))
    threshold, mask = cv2.threshold(drawing, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    drawing, mask = _without_specks(drawing, mask)
    ink_level, *_ = cv2.mean(drawing, mask)
    haze = HAZE * threshold
    ink = cv2.subtract(_scale(_box(drawing, cv2.boundingRect(mask)), WORK), haze)
    stretched: Drawing = cv2.convertScaleAbs(ink, alpha=255 / (ink_level - haze))
    return stretched


def _inked(drawing: Drawing) -> tuple[Drawing, Sequence[int]]:
    """The drawing and the rectangle of its ink."""
    _, darkest, _, _ = cv2.minMaxLoc(drawing)
    if darkest < FAINTEST:
        raise BlankDrawing("there is no ink in the drawing")
    return drawing, cv2.boundingRect(drawing)


def _halve(drawing: Drawing) -> Drawing:
    """The drawing with its sides halved, exactly and therefore fast, until the longest is below 1.5 WORK."""
    while max(drawing.shape) >= 1.5 * WORK and min(drawing.shape) >= 2:
        height, width = drawing.shape
        even = drawing[: height // 2 * 2, : width // 2 * 2]
        drawing = cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return drawing


def _without_specks(drawing: Drawing, mask: Drawing) -> tuple[Drawing, Drawing]:
    """Drawing and mask less the components that are tiny beside the largest."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if len(contours) == 1:
        return drawing, mask
    sides = np.array([max(cv2.boundingRect(contour)[2:]) for contour in contours])
    largest = np.argsort(-sides, kind="stable")[:MOST_COMPONENTS]
    kept = [contours[i] for i in largest if sides[i] >= SPECK * sides.max()]
    if len(kept) == len(contours):
        return drawing, mask
    mask = cv2.min(mask, cv2.drawContours(np.zeros_like(mask), kept, -1, 255, cv2.FILLED))
    return cv2.min(drawing, cv2.dilate(mask, _disk(2))), mask


@functools.cache
def _disk(radius: int) -> NDArray[np.uint8]:
    disk: NDArray[np.uint8] = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return disk


def _box(drawing: Drawing, rectangle: Sequence[int]) -> Drawing:
    left, top, width, height = rectangle
    return drawing[top : top + height, left : left + width]


def _scale(drawing: Drawing, longest: int) -> Drawing:
    """The drawing with its longest side that many pixels and its aspect kept."""
    height, width = drawing.shape
    scale = longest / max(width, height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    scaled: Drawing = cv2.resize(drawing, size, interpolation=cv2.INTER_LINEAR)
    return scaled


def _place(ink: Drawing) -> Digit:
    """The ink's longest side 19 pixels, its centre of mass at the centre, each pixel the mean of what it covers."""
    ink = _scale(_box(ink, cv2.boundingRect(ink)), FIT)
    x, y = center_of_mass(ink)
    height, width = ink.shape
    left = min(max(round(FINE * CENTER - x), 0), FINE * SIZE - width)
    top = min(max(round(FINE * CENTER - y), 0), FINE * SIZE - height)
    fine = np.zeros((FINE * SIZE, FINE * SIZE), np.uint8)
    fine[top : top + height, left : left + width] = ink
    digit: Digit = cv2.resize(fine, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return digit
