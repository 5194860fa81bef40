"""Fit on held-out lines, read as they are served, where digits are told and how sure a reading must be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model_training.evaluation import number_reading
from model_training.evaluation.number_kinds import NumberPicture
from models.inference.digit_model import DigitModel
from models.numbers import ctc, lattice
from models.numbers.ctc import STRIDE
from models.numbers.line_model import LineModel

WRONG = 0.005
"""Share of the accepted lines that may be wrong. Of whole pictures by other writers 1 % may be: layout errs too, and
some writers' digits look like others more often than those of the validation part."""


INK = 64
"""Level of a strip's columns that belong to a digit."""


def lag(model: LineModel, pictures: Sequence[NumberPicture]) -> float:
    """Measure how far to the left of digits' middles a network tells them: CTC leaves it free.

    Args:
        model: with the precision that is served, and without a lag.
        pictures: in some of which digits stand apart, so that paper shows where each begins and ends.

    Returns:
        Pixels of a strip, the median; 0 without such pictures.
    """
    found: list[float] = []
    for read in number_reading.look(model, pictures):
        spans = ctc.greedy(read.logs)
        if read.line is None or tuple(span.digit for span in spans) != read.picture.number:
            continue
        edges = np.flatnonzero(np.diff(read.line.strip.max(axis=0) > INK, prepend=False, append=False))
        if len(edges) == 2 * len(spans):
            middles = edges.reshape(-1, 2).mean(axis=1)
            found += (middles - [(span.start + span.stop) * STRIDE / 2 for span in spans]).tolist()
    return round(float(np.median(found)), 1) if found else 0.0


def min_margin(model: LineModel, judge: DigitModel, pictures: Sequence[NumberPicture]) -> float:
    """Find the least margin between a reading and all others at which WRONG of the numbers above it are misread.

    Args:
        model: with the precision that is served.
        judge: reads single digits beside it.
        pictures: by writers of the validation part, whom neither was trained on.
    """
    margins, right = [], []
    for read in number_reading.look(model, pictures):
        line = number_reading.served(read, judge)
        if line.digits:
            margins.append(lattice.margin(line.certainty))
            right.append(number_reading.both(line) == read.picture.number)
    return least_margin(np.array(margins), np.array(right))


def least_margin(margins: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the least margin above which at most WRONG of the answers are wrong; 1 if there is none.

    One more is counted as wrong than are, since a share among few says little (conformal risk control, Angelopoulos
    et al. 2022).
    """
    order = np.argsort(-margins, kind="stable")
    wrong = (np.cumsum(~right[order]) + 1) / np.arange(2, len(order) + 2)
    within = np.flatnonzero(wrong <= WRONG)
    return float(margins[order[within[-1]]]) if within.size else 1.0
