"""`model.json`: what an artifact promises, and the proof that its files are the ones it was saved with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from models.errors import ArtifactCorrupt, ArtifactIncompatible, ArtifactMissing
from models.inference.contract import Contract
from models.inference.rejection import Rejection
from models.inference.standardization import Standardization
from models.preprocessing.canonicalize import CANONICAL_VERSION

FORMAT = 2
CONTRACT_FILE = "model.json"
ENGINE_FILES = {"float32": "network.onnx", "int8": "network.int8.onnx"}
"""Precision -> the file of the engine. float32 is the standard; the others may be absent."""


def write(directory: Path, contract: Contract) -> None:
    """Write the contract of a directory and of every file in it."""
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
            path.relative_to(directory).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
            for path in sorted(directory.rglob("*"))
            if path.is_file()
        },
    }
    (directory / CONTRACT_FILE).write_text(json.dumps(document, indent=2) + "\n")


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
            rejection=_parse_rejection(document["rejection"]),
        )
    except (TypeError, ValueError) as error:
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: {error}") from error
    if not contract.temperature > 0:
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: temperature must be positive")
    if contract.classes != tuple(range(10)):
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: classes must be 0 to 9, not {list(contract.classes)}")
    return contract


def _parse_rejection(document: dict[str, Any]) -> Rejection:
    return Rejection(score=document["score"], **{k: float(v) for k, v in document.items() if k != "score"})


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
