"""A trained model on disk: how to save it whole, load it, and ask it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from models.inference.contract import Contract
from models.inference.digit_model import DigitModel
from models.inference.explanation import Explainer
from models.inference.layers import LAYERS_FILE
from models.inference.runtime import Engine
from models.registry import contract as contracts


def save(directory: Path, contract: Contract, write_files: Callable[[Path], None]) -> None:
    """Write an artifact so that `directory` holds either nothing or all of it.

    Args:
        directory: must not exist; its parent is created.
        contract: what to promise.
        write_files: called with an empty directory, in which it writes the network's files.

    Raises:
        FileExistsError: `directory` exists.
    """
    if directory.exists():
        raise FileExistsError(f"{directory} exists; an artifact is never overwritten")
    directory.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        write_files(staging)
        contracts.write(staging, contract)
        move_into_place(staging, directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def move_into_place(staging: Path, directory: Path) -> None:
    """Make every file of `staging` durable, then rename it to `directory` in one step."""
    staging.chmod(0o755)
    for path in [*staging.rglob("*"), staging]:
        _fsync(path)
    staging.rename(directory)
    _fsync(directory.parent)


def load(directory: Path, precision: str = "float32") -> DigitModel:
    """Read an artifact, ready to predict.

    Args:
        directory: of the artifact.
        precision: a key of ENGINE_FILES.

    Raises:
        ArtifactError: as `contract.verify`, or the engine cannot read the network.
    """
    contract = contracts.verify(directory, precision)
    engine = Engine(directory / contracts.ENGINE_FILES[precision], contract.standardization, contract.temperature)
    version = int(directory.name) if directory.name.isdecimal() else 0
    explainer = Explainer(directory, contract) if (directory / LAYERS_FILE).is_file() else None
    return DigitModel(contract, engine, version, explainer)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
