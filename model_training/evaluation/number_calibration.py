"""Fit on held-out lines, read as they are served, how sure a reading must be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model_training.evaluation import number_reading
from model_training.evaluation.number_kinds import NumberPicture
from models.inference.digit_model import DigitModel
from models.numbers import lattice
from models.numbers.line_model import LineModel

WRONG = 0.005
"""Share of the accepted lines that may be wrong. Of whole pictures by other writers 1 % may be: layout errs too, and
some writers' digits look like others more often than those of the validation part."""


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
