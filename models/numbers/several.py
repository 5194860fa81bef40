"""Tell how likely a line holds more than one digit, whichever they are."""

from __future__ import annotations

import math

import numpy as np

from models.numbers.ctc import BLANK, Logs


def probability_of_several(logs: Logs) -> float:
    """Return the probability of all strings of two or more digits, 0 to 1.

    That of a single digit is the sum over where it begins and where it ends, which two running sums give.

    Args:
        logs: (columns, CLASSES) logarithms of probabilities.
    """
    blanks = np.concatenate(([0.0], np.cumsum(logs[:, BLANK])))[:, None]
    digits = np.concatenate((np.zeros((1, BLANK)), np.cumsum(logs[:, :BLANK], axis=0)))
    begun = np.logaddexp.accumulate(blanks[:-1] - digits[:-1], axis=0)
    ended = begun + digits[1:] + blanks[-1] - blanks[1:]
    at_most_one = math.exp(blanks[-1, 0]) + float(np.exp(np.logaddexp.reduce(ended, axis=None)))
    return max(1 - at_most_one, 0.0)
