"""A loaded network that reads lines of digits."""

from __future__ import annotations

import numpy as np

from models.inference.contract import Contract
from models.numbers import ctc
from models.numbers.ctc import BLANK, CLASSES, STRIDE, Logs
from models.numbers.line_engine import LineEngine
from models.numbers.strips import Strip

NO_DIGIT = -30.0
"""Log probability of a digit in columns beyond the strip; finite, since running sums go over it."""


class LineModel:
    """A network with the contract that turns its logits into probabilities.

    Its methods may be called by several threads at once.

    Args:
        contract: its margin says when a number is ambiguous, its lag where digits are.
        engine: runs the network.
        version: of the artifact in its store; 0 outside of one.
    """

    def __init__(self, contract: Contract, engine: LineEngine, version: int) -> None:
        self.contract = contract
        self.version = version
        self._engine = engine

    def log_probabilities(self, strip: Strip) -> Logs:
        """Compute the logarithms of the outputs of each column; digits are told in their middles.

        Args:
            strip: (HEIGHT, w) uint8; 0 paper, 255 ink.

        Returns:
            (columns, CLASSES) float64; a column is ctc.STRIDE pixels wide.
        """
        logs = ctc.log_probabilities(self._engine.logits(strip))
        lag = round(self.contract.lag / STRIDE)
        moved: Logs = np.full((len(logs), CLASSES), NO_DIGIT)
        moved[:, BLANK] = 0
        moved[max(lag, 0) : len(logs) + min(lag, 0)] = logs[max(-lag, 0) : len(logs) - max(lag, 0)]
        return moved
