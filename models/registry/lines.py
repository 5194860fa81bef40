"""Load a reader of lines, verified as every artifact is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.errors import ArtifactCorrupt, ArtifactError
from models.numbers.ctc import CLASSES
from models.numbers.line_engine import LineEngine
from models.numbers.line_model import LineModel
from models.numbers.strips import HEIGHT
from models.registry import contract as contracts
from models.registry.contract import ENGINE_FILES

NAME = "numbers"
TRIED_WIDTH = 100
"""Pixels of the strip that a network is asked before it serves."""
TOLERANCE = 1e-5
"""Relative difference of mean and std in `model.json` and in the network."""


def load(directory: Path, precision: str = "float32") -> LineModel:
    """Read an artifact, ready to read lines.

    Args:
        directory: of the artifact.
        precision: a key of ENGINE_FILES.

    Raises:
        ArtifactError: it must not be served; its class is that of `contract.verify`.
    """
    contract, files = contracts.verify_and_read(directory, precision)
    if contract.name != NAME:
        raise ArtifactCorrupt(f"{directory}: is a model of {contract.name}, not of {NAME}; name another directory")
    try:
        engine = LineEngine(files[ENGINE_FILES[precision]])
        written = contract.standardization
        if not np.allclose(engine.standardization(), (written.mean, written.std), rtol=TOLERANCE, atol=0):
            raise ArtifactCorrupt(f"{directory}: its network standardizes otherwise than its contract says; retrain")
        logits = engine.logits(np.zeros((HEIGHT, TRIED_WIDTH), np.uint8))
        if logits.shape[1] != CLASSES or not np.isfinite(logits).all():
            raise ArtifactCorrupt(f"{directory}: its network gives no {CLASSES} finite numbers a column; retrain")
    except ArtifactError:
        raise
    except Exception as error:
        raise ArtifactCorrupt(f"{directory}: the engine cannot run its network: {error!r}; retrain") from error
    return LineModel(contract, engine, int(directory.name) if directory.name.isdecimal() else 0)
