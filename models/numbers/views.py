"""Look at a strip as it is and leaning to either side: the mean of what the network says of all is more often right."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.numbers.line_model import LineModel
from models.numbers.strips import Strip

Views = NDArray[np.float64]
"""(views, columns, CLASSES) logarithms of the probabilities of each column. Views agree on strings, not on columns: a
digit is found a few columns apart."""
LEAN = 0.12
"""Columns by which a view leans, a row."""


def look(model: LineModel, strip: Strip) -> Views:
    """Read each view of a strip."""
    views = (strip, leaning(strip, LEAN), leaning(strip, -LEAN))
    return np.stack([model.log_probabilities(view) for view in views])


def leaning(strip: Strip, lean: float) -> Strip:
    """Let a strip lean by so many columns a row, about its middle row."""
    height, width = strip.shape
    matrix = np.array([[1, lean, -lean * (height - 1) / 2], [0, 1, 0]])
    leaned: Strip = cv2.warpAffine(strip, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return leaned
