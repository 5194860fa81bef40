"""Find the lines of digits in a picture."""

from __future__ import annotations

import cv2
import numpy as np

from models.layout.page import MOST_HEIGHT, Page, Picture, TextLine
from models.preprocessing.polarity import find_ink


def find_lines(picture: Picture) -> Page:
    """Find the lines of a picture, in reading order.

    Args:
        picture: (h, w) or (h, w, 3) uint8, of up to 12 megapixels.

    Returns:
        A page without lines if there is no ink.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    ink = find_ink(grey)
    box = cv2.boundingRect(cv2.threshold(ink, 60, 255, cv2.THRESH_BINARY)[1])
    if not box[3]:
        return Page([])
    x, y, width, height = box
    cut = ink[y : y + height, x : x + width]
    scale = min(MOST_HEIGHT / height, 1)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    cut = cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    ratio = np.array(grey.shape[::-1]) / np.array(ink.shape[::-1])
    matrix = np.array([[ratio[0] * width / size[0], 0, ratio[0] * x], [0, ratio[1] * height / size[1], ratio[1] * y]])
    return Page([TextLine(cut, (0, 0, *size), matrix)])
