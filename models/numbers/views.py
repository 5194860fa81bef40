"""Read a strip as it is and leaning to either side: the mean of what the network says of all is more often right."""

from __future__ import annotations

import cv2
import numpy as np

from models.numbers.ctc import Logs
from models.numbers.line_model import LineModel
from models.numbers.strips import Strip

LEAN = 0.12
"""Columns by which a view leans, a row."""


def log_probabilities(model: LineModel, strip: Strip) -> Logs:
    """Return the logarithms of the mean probabilities of each column; see `LineModel.log_probabilities`."""
    views = (strip, leaning(strip, LEAN), leaning(strip, -LEAN))
    mean: Logs = np.log(sum(np.exp(model.log_probabilities(view)) for view in views) / len(views))
    return mean


def leaning(strip: Strip, lean: float) -> Strip:
    """Let a strip lean by so many columns a row, about its middle row."""
    height, width = strip.shape
    matrix = np.array([[1, lean, -lean * (height - 1) / 2], [0, 1, 0]])
    leaned: Strip = cv2.warpAffine(strip, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return leaned
