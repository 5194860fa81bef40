"""One loaded version of the reader of numbers at work, beside whichever version of the digits is served."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np

from models.layout.page import Page, TextLine
from models.numbers import ctc
from models.numbers.line_model import LineModel
from models.numbers.number import Number
from models.numbers.reader import NumberReader
from models.numbers.several import probability_of_several
from models.numbers.strips import Strip
from service.inference.predictor import Predictor
from service.inference.served_versions import ServedVersions
from service.observability.metrics import Metrics


class NumberPredictor:
    """Reads pages and counts how long that takes. Threads may share it.

    Args:
        model: reads lines; warmed here, in the thread that makes the predictor.
        digits: of which the version that is served judges each digit alone.
        metrics: counts every call.
    """

    def __init__(self, model: LineModel, digits: ServedVersions[Predictor], metrics: Metrics) -> None:
        self.model = model
        self._digits = digits
        self._metrics = metrics
        drawing = np.zeros((40, 120), np.uint8)
        drawing[4:36, 20:100:20] = drawing[4:36, 21:101:20] = 255
        self._reader().read(Page([TextLine(drawing, (20, 4, 62, 32), np.eye(2, 3))]))

    def read(self, page: Page) -> Number:
        """Read the lines of a page, or the cells of its grid."""
        began = perf_counter()
        number = self._reader().read(page)
        self._metrics.reading(perf_counter() - began)
        return number

    def shows_several(self, strip: Strip, least: float, clear: float) -> bool:
        """Tell whether a line holds several digits.

        Args:
            strip: of the line.
            least: probability of two or more digits that is not enough.
            clear: probability of the likeliest string that is not enough.
        """
        logs = self.model.log_probabilities(strip)
        return probability_of_several(logs) > least and math.exp(ctc.beam(logs)[0].log_probability) > clear

    def _reader(self) -> NumberReader:
        return NumberReader(self.model, self._digits.served.model)
