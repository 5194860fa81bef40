"""Sharpen a digit that was photographed out of focus."""

from __future__ import annotations

import math

import cv2
import numpy as np

from models.arrays import Drawing

ROUNDS = 8
"""Of Richardson and Lucy's algorithm; more of them bring out the grain."""
INK, EDGE = 0.4, 0.1
"""Share of full ink above which a pixel is ink, and above which it may be an edge of it."""
DARK, FULL = 75, 60
"""Percentiles of the ink: of the blurred level that edges rise to, and of the sharp level that becomes full ink."""
STEEP = 95
"""Percentile of the slopes that counts as the steepest."""
LEAST = 1e-3
"""Added to all levels, so that none is 0."""


def deblur(drawing: Drawing) -> Drawing:
    """Undo a blur that is estimated from how steep the edges of the ink are (Richardson 1972, Lucy 1974).

    Args:
        drawing: (h, w) uint8; 0 paper, 255 ink; one digit with paper around it.

    Returns:
        (h, w) uint8; the drawing itself if there is no edge in it.
    """
    blurred = drawing.astype(np.float32) / 255
    inked = blurred > INK
    across, down = cv2.Sobel(blurred, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(blurred, cv2.CV_32F, 0, 1, scale=1 / 8)
    slopes = cv2.magnitude(across, down)[blurred > EDGE]
    steepest = float(np.percentile(slopes, STEEP)) if inked.any() else 0.0
    if not steepest:
        return drawing
    # the steepest slope of a step that a Gaussian has blurred
    deviation = float(np.percentile(blurred[inked], DARK)) / steepest / math.sqrt(2 * math.pi)
    blurred += LEAST
    sharp = blurred
    for _ in range(ROUNDS):
        again = cv2.GaussianBlur(sharp, (0, 0), deviation)
        sharp = sharp * cv2.GaussianBlur(blurred / again, (0, 0), deviation)
    sharp = cv2.subtract(sharp, LEAST)
    deblurred: Drawing = cv2.convertScaleAbs(sharp, alpha=255 / float(np.percentile(sharp[inked], FULL)))
    return deblurred
