"""A trained model on disk: save it whole, verify it, load it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from models.errors import ArtifactCorrupt
from models.inference import layers
from models.inference.contract import Contract
from models.inference.digit_model import DigitModel
from models.inference.explanation import Explainer
from models.inference.layers import LAYERS_FILE, Layers
from models.inference.rejection import DIGITS
from models.inference.runtime import BATCH, Engine
from models.preprocessing.mnist_geometry import SIZE
from models.registry import contract as contracts
from models.registry import lines, loading
from models.registry.contract import CONTRACT_FILE, ENGINE_FILES
from models.registry.reference import REFERENCE_FILE, Reference
from models.registry.staging import move_into_place, stage_directory, write_lock

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class ArtifactFiles:
    """Everything that serving needs of an artifact, read and verified: a model can be built after its files are gone.

    Attributes:
        directory: where the files were.
        contract: from `model.json`.
        network: content of the engine's file, of the precision to serve.
        float32: content of the float32 file, which is the one that is looked into.
        layers: from `layers.json`; None if the artifact does not describe its layers.
        reference: from `reference.json`; None if the artifact was saved before there was one.
    """

    directory: Path
    contract: Contract
    network: bytes
    float32: bytes
    layers: Layers | None
    reference: Reference | None

    @classmethod
    def read(cls, directory: Path, precision: str = "float32") -> ArtifactFiles:
        """Read and verify an artifact, without starting the engine.

        Args:
            directory: of the artifact.
            precision: a key of ENGINE_FILES.

        Raises:
            ArtifactError: the artifact must not be served; its class is that of `contract.verify`.
        """
        contract, files = loading.read_files(directory, precision)
        return cls(
            directory,
            contract,
            files[ENGINE_FILES[precision]],
            files[ENGINE_FILES["float32"]],
            _parse(layers.parse, directory / LAYERS_FILE, files),
            _parse(Reference.parse, directory / REFERENCE_FILE, files),
        )

    def load(self) -> DigitModel:
        """Build the model and ask it its reference digits, so that the first request neither waits nor fails.

        Raises:
            ArtifactCorrupt: the engine cannot run the network, the network computes other numbers than when it was
                saved, or numbers that are not finite, or it standardizes with another mean or std than `model.json`
                says.
        """
        with loading.running(self.directory):
            return self._load()

    def _load(self) -> DigitModel:
        engine = Engine(self.network)
        loading.check_standardization(self.directory, self.contract, engine.standardization())
        explainer = Explainer(self.float32, self.layers) if self.layers else None
        model = DigitModel(self.contract, engine, loading.version(self.directory), explainer)
        self._ask(model)
        if self.layers:
            looked_into = Explainer(self.float32, self.layers)  # a second one, which gives its memory back
            looked_into.explain(np.zeros((SIZE, SIZE), np.uint8), model.logits)
            looked_into.convolutions()
        return model

    def _ask(self, model: DigitModel) -> None:
        """Ask the model its reference digits, or blanks if it has none, in a batch and one by one."""
        digits = self.reference.digits if self.reference else np.zeros((1, SIZE, SIZE), np.uint8)
        batch = np.resize(digits, (BATCH, SIZE, SIZE))
        logits = model.logits(batch)
        widths = (DIGITS + 1,) if self.contract.rejection.score == "background" else (DIGITS, DIGITS + 1)
        if logits.shape[1] not in widths:
            raise ArtifactCorrupt(
                f"{self.directory}: its network gives {logits.shape[1]} numbers a digit where its score, "
                f"{self.contract.rejection.score}, takes {' or '.join(map(str, widths))}; retrain"
            )
        answers = model.predict(batch)
        singles = [model.classify([digit])[0] for digit in digits]
        numbers = [number for single in singles for number in (*single.probabilities, single.digit_score)]
        if not all(np.isfinite(each).all() for each in (logits, answers.probabilities, answers.digit_score, numbers)):
            raise ArtifactCorrupt(f"{self.directory}: its network computes numbers that are not finite; retrain")
        if self.reference and not (
            self.reference.fits(model.logits(digits)) and self.reference.reads([single.digit for single in singles])
        ):
            raise ArtifactCorrupt(
                f"{self.directory}: its network does not read the digits of {REFERENCE_FILE} as when it was saved; "
                "restore its files"
            )
        if self.reference and not any(single.accepted for single in singles):
            raise ArtifactCorrupt(
                f"{self.directory}: accepts none of the digits of {REFERENCE_FILE}; mend temperature and rejection in "
                f"{CONTRACT_FILE}"
            )


def load(directory: Path, precision: str = "float32") -> DigitModel:
    """Read an artifact, ready to classify.

    Args:
        directory: of the artifact.
        precision: a key of ENGINE_FILES.

    Raises:
        ArtifactError: as `ArtifactFiles.read` and `ArtifactFiles.load`.
    """
    return ArtifactFiles.read(directory, precision).load()


def check(directory: Path) -> None:
    """Load an artifact in every precision that it has.

    Raises:
        ArtifactError: as `ArtifactFiles.read` and `ArtifactFiles.load`.
    """
    reads_lines = contracts.verify(directory).name == contracts.READER
    for precision, name in ENGINE_FILES.items():
        if precision == "float32" or (directory / name).exists():
            (lines.load if reads_lines else load)(directory, precision)


def save(directory: Path, contract: Contract, write_files: Callable[[Path], None]) -> None:
    """Write an artifact so that `directory` holds either nothing or all of it.

    Args:
        directory: must not exist; its parent is created.
        contract: to be written as `model.json`.
        write_files: called with an empty directory, in which it writes the network's files.

    Raises:
        FileExistsError: `directory` exists.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with write_lock(directory.parent):
        if directory.exists():
            raise FileExistsError(f"{directory} exists; an artifact is never overwritten")
        staging = stage_directory(directory.parent)
        try:
            write_files(staging)
            contracts.write(staging, contract)
            move_into_place(staging, directory)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _parse(parse: Callable[[bytes], Parsed], path: Path, files: dict[str, bytes]) -> Parsed | None:
    """Parse a file that an artifact may lack."""
    if path.name not in files:
        return None
    try:
        return parse(files[path.name])
    except Exception as error:
        raise ArtifactCorrupt(f"{path}: not what was saved ({error!r}); restore the file") from error
