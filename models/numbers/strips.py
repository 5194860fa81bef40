"""Bring a line of digits to the height that the network reads: the strip."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Drawing, Grey
from models.errors import BlankDrawing, DrawingError

Strip = NDArray[np.uint8]
"""(HEIGHT, w): 0 paper, 255 ink; one line of digits."""

HEIGHT = 32
"""Pixels."""
BUCKET = 64
"""Widths that the network is run at are multiples of this, so that few sizes are ever prepared."""
MARGIN = 0.16
"""Paper above and below the ink, share of the ink's height."""
SIDE = 0.3
"""Paper left and right of the ink, share of the ink's height."""
LONGEST = 4096
"""Pixels of a strip: over 150 digits."""
CONTRAST = 24
"""Grey levels between paper and ink below which there is nothing to read."""


@dataclass(frozen=True)
class Line:
    """A strip, and where it lies in the drawing that it was cut from.

    Attributes:
        strip: what the network reads.
        left: column of the drawing at the strip's left edge.
        top: row of the drawing at the strip's upper edge.
        scale: pixels of the drawing per pixel of the strip.
    """

    strip: Strip
    left: float
    top: float
    scale: float


def cut(drawing: Drawing, box: tuple[int, int, int, int] | None = None) -> Line:
    """Cut a line out of a drawing.

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink.
        box: (x, y, width, height) of the line's ink; None: of all ink.

    Raises:
        BlankDrawing: the box holds no ink.
        DrawingError: the line is too long, or the drawing is not two-dimensional uint8.
    """
    if drawing.ndim != 2 or drawing.dtype != np.uint8:
        raise DrawingError(f"A drawing must be (h, w) uint8, not {drawing.shape} {drawing.dtype}.")
    x, y, width, height = box or _ink_box(drawing)
    if not width or not height or drawing[y : y + height, x : x + width].max(initial=0) < CONTRAST:
        raise BlankDrawing("There is no ink in the line; write a number.")
    height, y = (height, y) if 8 * height >= width or height >= 8 else (8, y - (8 - height) // 2)
    scale = height * (1 + 2 * MARGIN) / HEIGHT
    left, top = x - SIDE * height, y - MARGIN * height
    columns = round((width + 2 * SIDE * height) / scale)
    if columns > LONGEST:
        raise DrawingError(f"A line may be {LONGEST // HEIGHT} times as long as high; cut it into several.")
    return Line(stretched(sampled(drawing, left, top, scale, columns)), left, top, scale)


def sampled(drawing: Drawing, left: float, top: float, scale: float, columns: int, rows: int = HEIGHT) -> Drawing:
    """Sample a drawing; beyond its edges is paper.

    Args:
        drawing: (h, w) uint8.
        left: column of the drawing at the left edge of what is sampled.
        top: row of the drawing at its upper edge.
        scale: pixels of the drawing per pixel that is sampled.
        columns: that are sampled.
        rows: that are sampled.
    """
    reach = 1
    if scale > 1:  # means over the pixels that fall into one, so that thin strokes stay
        reach = int(scale)
        height, width = drawing.shape[0] // reach * reach, drawing.shape[1] // reach * reach
        if height and width:
            size = width // reach, height // reach
            drawing = cv2.resize(drawing[:height, :width], size, interpolation=cv2.INTER_AREA)
    step = scale / reach
    matrix = np.array([[step, 0, left / reach + step / 2 - 0.5], [0, step, top / reach + step / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    taken: Drawing = cv2.warpAffine(drawing, matrix, (columns, rows), flags=flags, borderValue=0)
    return taken


def ink(grey: Grey) -> Drawing:
    """Find the ink in a picture of one line, in either polarity: what differs from the usual level.

    Args:
        grey: (h, w) grey levels.

    Returns:
        (h, w) uint8; 0 paper, 255 ink.
    """
    small = grey[:: max(len(grey) // 64, 1), :: max(grey.shape[1] // 256, 1)]
    darkest, paper, lightest = np.percentile(small, (2, 50, 98))
    dark = paper - darkest >= lightest - paper
    difference = np.clip(paper - grey.astype(np.float32) if dark else grey.astype(np.float32) - paper, 0, 255)
    found: Drawing = difference.astype(np.uint8)
    return found


def stretched(strip: Strip) -> Strip:
    """Stretch the contrast, so that ink is at 255."""
    inked = strip[strip > max(int(strip.max()) // 3, 1)]
    level = float(np.percentile(inked, 75)) if inked.size else 255.0
    strong: Strip = cv2.convertScaleAbs(strip, alpha=255 / max(level, 1))
    return strong


def padded(strip: Strip) -> Strip:
    """Add paper on the right up to the next width that the network is run at."""
    missing = -strip.shape[1] % BUCKET
    wide: Strip = np.pad(strip, ((0, 0), (0, missing)))
    return wide


def _ink_box(drawing: Drawing) -> tuple[int, int, int, int]:
    _, mask = cv2.threshold(drawing, max(float(drawing.max(initial=0)) * 0.35, CONTRAST), 255, cv2.THRESH_BINARY)
    left, top, width, height = cv2.boundingRect(mask)
    return left, top, width, height
