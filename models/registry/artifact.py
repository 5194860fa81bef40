"""A trained model on disk: save it whole, verify it, load it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import ArtifactCorrupt, ArtifactError
from models.inference import layers
from models.inference.contract import Contract
from models.inference.digit_model import DigitModel
from models.inference.explanation import Explainer
from models.inference.layers import LAYERS_FILE, Layers
from models.inference.runtime import BATCH, Engine
from models.preprocessing.mnist_geometry import SIZE
from models.registry import contract as contracts
from models.registry.contract import CONTRACT_FILE, ENGINE_FILES

TOLERANCE = 1e-5
"""Relative difference of mean and std in `model.json` and in the network that float32 explains."""


@dataclass(frozen=True)
class ArtifactFiles:
    """Everything that serving needs of an artifact, read and verified: a model can be built after its files are gone.

    Attributes:
        directory: where the files were.
        contract: from `model.json`.
        network: content of the engine's file, of the precision to serve.
        float32: content of the float32 file, which is the one that is looked into.
        layers: from `layers.json`; None if the artifact does not describe its layers.
    """

    directory: Path
    contract: Contract
    network: bytes
    float32: bytes
    layers: Layers | None

    @classmethod
    def read(cls, directory: Path, precision: str = "float32") -> ArtifactFiles:
        """Read and verify an artifact, without starting the engine.

        Args:
            directory: of the artifact.
            precision: a key of ENGINE_FILES.

        Raises:
            ArtifactError: the artifact must not be served; its class is that of `contract.verify`.
        """
        try:
            contract, files = contracts.verify_and_read(directory, precision)
        except ArtifactError:
            raise
        except Exception as error:
            raise ArtifactCorrupt(f"{directory}: cannot be read ({error!r}); restore its files") from error
        return cls(
            directory,
            contract,
            files[ENGINE_FILES[precision]],
            files[ENGINE_FILES["float32"]],
            _parse_layers(directory, files[LAYERS_FILE]) if LAYERS_FILE in files else None,
        )

    def load(self) -> DigitModel:
        """Build the model and let it classify once, so that the first request does not wait.

        Raises:
            ArtifactCorrupt: the engine cannot run the network, the network computes numbers that are not finite, or
                it standardizes with another mean or std than `model.json` says.
        """
        try:
            return self._load()
        except ArtifactError:
            raise
        except Exception as error:
            raise ArtifactCorrupt(f"{self.directory}: the engine cannot run its network: {error!r}; retrain") from error

    def _load(self) -> DigitModel:
        engine = Engine(self.network)
        written = self.contract.standardization
        if not np.allclose(engine.standardization(), (written.mean, written.std), rtol=TOLERANCE, atol=0):
            mean, std = engine.standardization()
            raise ArtifactCorrupt(
                f"{self.directory}: {CONTRACT_FILE} says mean {written.mean} and std {written.std}, "
                f"its network has {mean} and {std}; restore {CONTRACT_FILE}"
            )
        explainer = Explainer(self.float32, self.layers) if self.layers else None
        name = self.directory.name
        model = DigitModel(self.contract, engine, int(name) if name.isdecimal() else 0, explainer)
        blanks = np.zeros((BATCH + 1, SIZE, SIZE), np.uint8)  # a batch and a single digit: both interpreters are built
        if not np.isfinite(model.logits(blanks)).all() or not np.isfinite(model.predict(blanks).digit_score).all():
            raise ArtifactCorrupt(f"{self.directory}: its network computes numbers that are not finite; retrain")
        model.classify(blanks[:1])
        return model


def load(directory: Path, precision: str = "float32") -> DigitModel:
    """Read an artifact, ready to classify.

    Args:
        directory: of the artifact.
        precision: a key of ENGINE_FILES.

    Raises:
        ArtifactError: as `ArtifactFiles.read` and `ArtifactFiles.load`.
    """
    return ArtifactFiles.read(directory, precision).load()


def save(directory: Path, contract: Contract, write_files: Callable[[Path], None]) -> None:
    """Write an artifact so that `directory` holds either nothing or all of it.

    Args:
        directory: must not exist; its parent is created.
        contract: to be written as `model.json`.
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


def _parse_layers(directory: Path, text: bytes) -> Layers:
    try:
        return layers.parse(text)
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactCorrupt(
            f"{directory / LAYERS_FILE}: does not describe layers ({error}); restore the file"
        ) from error


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
