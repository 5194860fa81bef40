"""A trained model on disk: its contract (`model.json`), its weights, and how to save and load both."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.canonical import CANONICAL_VERSION
from models.errors import ArtifactCorrupt, ArtifactIncompatible, ArtifactMissing
from models.runtime import Engine
from models.standardization import Standardization

FORMAT = 1
CONTRACT_FILE = "model.json"
ENGINE_FILES = {"float32": "network.onnx", "int8": "network.int8.onnx"}
"""Precision -> the file of the engine. float32 is the standard; the others may be absent."""


@dataclass(frozen=True)
class Rejection:
    """When an answer should not be trusted. Fitted on the validation split, stored with the weights.

    Attributes:
        center: energy (log-sum-exp of the logits) at which `digit_score` is 0.5.
        scale: energy that one unit of the score's logistic curve spans; > 0.
        min_digit_score: below it the drawing is `not_a_digit`.
        min_margin: below this difference of the two best probabilities the answer is `ambiguous`.
    """

    center: float
    scale: float
    min_digit_score: float
    min_margin: float


@dataclass(frozen=True)
class Contract:
    """What `model.json` promises, less the files: everything that serving needs to know.

    Attributes:
        name: of the model, `digits`.
        classes: the label of each output, in order.
        standardization: mean and std of the training split, in grey levels.
        temperature: divides the logits so that probabilities are calibrated (Guo et al. 2017).
        rejection: thresholds.
        canonical_version: of the canonicalization the model was trained to read.
    """

    name: str
    classes: tuple[int, ...]
    standardization: Standardization
    temperature: float
    rejection: Rejection
    canonical_version: int = CANONICAL_VERSION


class Predictions(NamedTuple):
    """What the model says of n digits."""

    probabilities: NDArray[np.float32]
    """(n, 10); each row sums to 1."""
    digit_score: NDArray[np.float32]
    """(n,) in 0..1: how surely each is a digit at all."""


class DigitModel:
    """A loaded artifact. Standardization happens in here and nowhere else.

    Args:
        contract: from `model.json`.
        engine: runs the network.
        version: of the artifact in its store; 0 outside of one.
    """

    def __init__(self, contract: Contract, engine: Engine, version: int) -> None:
        self.contract = contract
        self.version = version
        self._engine = engine

    def predict(self, digits: NDArray[np.uint8]) -> Predictions:
        """Classify canonical digits.

        Args:
            digits: (n, 28, 28) uint8.

        Returns:
            Calibrated probabilities and digit scores. The score is a logistic function of the energy
            (Liu et al. 2020, "Energy-based Out-of-distribution Detection").
        """
        probabilities, logits = self._engine.run(digits)
        top = logits.max(axis=1)
        energy = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        rejection = self.contract.rejection
        score = 1.0 / (1.0 + np.exp((rejection.center - energy) / rejection.scale))
        return Predictions(probabilities, score.astype(np.float32))


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
        document = {
            "format": FORMAT,
            "name": contract.name,
            "canonical_version": contract.canonical_version,
            "mean": contract.standardization.mean,
            "std": contract.standardization.std,
            "temperature": contract.temperature,
            "rejection": asdict(contract.rejection),
            "input": {"shape": [28, 28], "dtype": "uint8"},
            "classes": list(contract.classes),
            "files": {
                path.relative_to(staging).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
                for path in sorted(staging.rglob("*"))
                if path.is_file()
            },
        }
        (staging / CONTRACT_FILE).write_text(json.dumps(document, indent=2) + "\n")
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
        ArtifactError: as `verify`, or the engine cannot read the network.
    """
    contract = verify(directory, precision)
    engine = Engine(directory / ENGINE_FILES[precision], contract.standardization, contract.temperature)
    return DigitModel(contract, engine, version=int(directory.name) if directory.name.isdecimal() else 0)


def verify(directory: Path, precision: str = "float32") -> Contract:
    """Refuse an artifact that should not be served, without starting the engine.

    Raises:
        ArtifactMissing: there is no `model.json`.
        ArtifactCorrupt: it does not parse, lacks or adds a key, holds an impossible value, or a file is not the
            one it names.
        ArtifactIncompatible: another format or another canonicalization.
    """
    document = _read_contract(directory)
    contract = _parse_contract(directory, document)
    if not isinstance(document["files"], dict) or ENGINE_FILES["float32"] not in document["files"]:
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE} names no {ENGINE_FILES['float32']}")
    if ENGINE_FILES[precision] not in document["files"]:
        raise ArtifactMissing(f"{directory}: has no {precision} network; train it again, or serve float32")
    for name, expected in document["files"].items():
        _check_keys(directory, f"files: {name}", expected, {"bytes", "sha256"})
        _check_file(directory / name, expected["bytes"], expected["sha256"])
    return contract


def _read_contract(directory: Path) -> dict[str, Any]:
    path = directory / CONTRACT_FILE
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ArtifactMissing(f"{directory}: no {CONTRACT_FILE}; name a directory that training saved") from None
    except OSError as error:
        raise ArtifactMissing(f"{path}: cannot be read ({error.strerror}); let the service's user read it") from error
    except ValueError as error:
        raise ArtifactCorrupt(f"{path}: not valid JSON ({error}); restore the file") from error
    if not isinstance(document, dict):
        raise ArtifactCorrupt(f"{path}: must hold an object")
    return document


def _parse_contract(directory: Path, document: dict[str, Any]) -> Contract:
    if document.get("format") != FORMAT:
        raise ArtifactIncompatible(f"{directory}: format {document.get('format')}, this code reads {FORMAT}; retrain")
    _check_keys(
        directory, "model.json", document,
        {"format", "name", "canonical_version", "mean", "std", "temperature", "rejection", "input", "classes", "files"},
    )  # fmt: skip
    if document["canonical_version"] != CANONICAL_VERSION:
        raise ArtifactIncompatible(
            f"{directory}: trained on canonical version {document['canonical_version']}, "
            f"this code draws version {CANONICAL_VERSION}; retrain"
        )
    if document["input"] != {"shape": [28, 28], "dtype": "uint8"}:
        raise ArtifactIncompatible(f"{directory}: input {document['input']} is not 28x28 uint8")
    _check_keys(directory, "rejection", document["rejection"], {field.name for field in fields(Rejection)})
    try:
        contract = Contract(
            name=document["name"],
            classes=tuple(document["classes"]),
            standardization=Standardization(float(document["mean"]), float(document["std"])),
            temperature=float(document["temperature"]),
            rejection=Rejection(**{key: float(value) for key, value in document["rejection"].items()}),
        )
    except (TypeError, ValueError) as error:
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: {error}") from error
    if not (contract.temperature > 0 and contract.rejection.scale > 0):
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: temperature and rejection.scale must be positive")
    if contract.classes != tuple(range(10)):
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: classes must be 0 to 9, not {list(contract.classes)}")
    return contract


def _check_keys(directory: Path, where: str, value: object, expected: set[str]) -> None:
    if not isinstance(value, dict):
        raise ArtifactCorrupt(f"{directory}: {where} must be an object")
    if missing := expected - value.keys():
        raise ArtifactCorrupt(f"{directory}: {where} lacks {', '.join(sorted(missing))}")
    if extra := value.keys() - expected:
        raise ArtifactCorrupt(f"{directory}: {where} has unknown {', '.join(sorted(extra))}")


def _check_file(path: Path, size: int, sha256: str) -> None:
    if not path.is_file():
        raise ArtifactCorrupt(f"{path}: absent, though {CONTRACT_FILE} names it")
    if path.stat().st_size != size:
        raise ArtifactCorrupt(f"{path}: {path.stat().st_size:,} bytes where {size} were saved")
    if _sha256(path) != sha256:
        raise ArtifactCorrupt(f"{path}: altered since it was saved (its sha256 is another)")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
