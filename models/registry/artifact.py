"""A trained model on disk: how to save it whole, load it, and ask it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.inference.explanation import Explainer, Explanation
from models.inference.layers import LAYERS_FILE
from models.inference.runtime import Engine
from models.preprocessing.mnist_geometry import Digit
from models.registry import contract as contracts
from models.registry.contract import Contract


class Predictions(NamedTuple):
    """What the model says of n digits."""

    probabilities: NDArray[np.float32]
    """(n, 10); each row sums to 1."""
    digit_score: NDArray[np.float32]
    """(n,) in 0..1: how surely each is a digit at all."""
    model: DigitModel
    """That says so: by the time that an answer is written, another may have taken over."""

    @classmethod
    def concatenate(cls, parts: Sequence[Predictions]) -> Predictions:
        """At least one part, all of the same model, as a whole."""
        probabilities = np.concatenate([part.probabilities for part in parts])
        return cls(probabilities, np.concatenate([part.digit_score for part in parts]), parts[0].model)


class DigitModel:
    """A loaded artifact. Standardization happens in here and nowhere else.

    Args:
        contract: from `model.json`.
        engine: runs the network.
        version: of the artifact in its store; 0 outside of one.
        explainer: looks into the network; None: the artifact does not describe its layers.
    """

    def __init__(self, contract: Contract, engine: Engine, version: int, explainer: Explainer | None = None) -> None:
        self.contract = contract
        self.version = version
        self._engine = engine
        self._explainer = explainer

    def predict(self, digits: NDArray[np.uint8]) -> Predictions:
        """Classify canonical digits.

        Args:
            digits: (n, 28, 28) uint8.

        Returns:
            Calibrated probabilities and digit scores.
        """
        probabilities, logits = self._engine.run(digits)
        return Predictions(probabilities, self.contract.rejection.digit_score(logits), self)

    def explain(self, digit: Digit) -> Explanation | None:
        """How the answer about one (28, 28) uint8 digit came to be; None: this artifact cannot tell.

        It takes as long as classifying hundreds of digits.
        """
        with contextlib.suppress(OSError):  # the version may be deleted while it is served
            if self._explainer:
                return self._explainer.explain(digit, self.logits)
        return None

    def convolutions(self) -> list[tuple[int, NDArray[np.float32], NDArray[np.float32]]] | None:
        """As `Explainer.convolutions`; None: this artifact cannot tell."""
        with contextlib.suppress(OSError):
            if self._explainer:
                return self._explainer.convolutions()
        return None

    def logits(self, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What probabilities and scores are made of, to measure other scores by.

        Args:
            digits: (n, 28, 28) uint8.

        Returns:
            (n, 10) float32 before the temperature; (n, 11) of a network that was shown what is no digit.
        """
        return self._engine.run(digits)[1]


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
