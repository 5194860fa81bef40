"""A loaded network that reads lines of digits."""

from __future__ import annotations

from models.inference.contract import Contract
from models.numbers import ctc
from models.numbers.ctc import Logs
from models.numbers.line_engine import LineEngine
from models.numbers.strips import Strip


class LineModel:
    """A network with the contract that turns its logits into probabilities.

    Its methods may be called by several threads at once.

    Args:
        contract: its temperature calibrates the probabilities, its margin says when a number is ambiguous.
        engine: runs the network.
        version: of the artifact in its store; 0 outside of one.
    """

    def __init__(self, contract: Contract, engine: LineEngine, version: int) -> None:
        self.contract = contract
        self.version = version
        self._engine = engine

    def log_probabilities(self, strip: Strip) -> Logs:
        """Compute the logarithms of the outputs of each column.

        Args:
            strip: (HEIGHT, w) uint8; 0 paper, 255 ink.

        Returns:
            (columns, CLASSES) float64; a column is ctc.STRIDE pixels wide.
        """
        return ctc.log_probabilities(self._engine.logits(strip))
