"""Load a reader of lines, verified as every artifact is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import ArtifactCorrupt
from models.inference.contract import Contract
from models.numbers.ctc import CLASSES
from models.numbers.line_engine import LineEngine
from models.numbers.line_model import LineModel
from models.numbers.strips import HEIGHT
from models.registry import loading
from models.registry.contract import ENGINE_FILES, READER

TRIED_WIDTH = 100
"""Pixels of the strip that a network is asked before it serves."""


@dataclass(frozen=True)
class LineFiles:
    """What serving needs of an artifact, read and verified: a model can be built after its files are gone.

    Attributes:
        directory: where the files were.
        contract: from `model.json`.
        network: content of the engine's file, of the precision to serve.
    """

    directory: Path
    contract: Contract
    network: bytes

    @classmethod
    def read(cls, directory: Path, precision: str = "float32") -> LineFiles:
        """Read and verify an artifact, without starting the engine.

        Args:
            directory: of the artifact.
            precision: a key of ENGINE_FILES.

        Raises:
            ArtifactError: it must not be served; its class is that of `contract.verify`.
        """
        contract, files = loading.read_files(directory, precision)
        if contract.name != READER:
            raise ArtifactCorrupt(
                f"{directory}: is a model of {contract.name}, not of {READER}; name another directory"
            )
        return cls(directory, contract, files[ENGINE_FILES[precision]])

    def load(self) -> LineModel:
        """Build the model and ask it for a strip without ink, so that the first request neither waits nor fails.

        Raises:
            ArtifactCorrupt: the engine cannot run the network, or it computes numbers of another shape, or numbers that
                are not finite, or it standardizes with another mean or std than `model.json` says.
        """
        with loading.running(self.directory):
            return self._load()

    def _load(self) -> LineModel:
        engine = LineEngine(self.network)
        loading.check_standardization(self.directory, self.contract, engine.standardization())
        logits = engine.logits(np.zeros((HEIGHT, TRIED_WIDTH), np.uint8))
        if logits.shape[1] != CLASSES or not np.isfinite(logits).all():
            raise ArtifactCorrupt(f"{self.directory}: its network gives no {CLASSES} finite numbers a column; retrain")
        return LineModel(self.contract, engine, loading.version(self.directory))


def load(directory: Path, precision: str = "float32") -> LineModel:
    """Read an artifact, ready to read lines.

    Args:
        directory: of the artifact.
        precision: a key of ENGINE_FILES.

    Raises:
        ArtifactError: as `LineFiles.read` and `LineFiles.load`.
    """
    return LineFiles.read(directory, precision).load()
