"""`model.json`: the promises of an artifact, and the proof that its files are those that were saved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path, PurePosixPath
from typing import Any

from models.errors import ArtifactCorrupt, ArtifactIncompatible, ArtifactMissing
from models.inference import runtime
from models.inference.contract import Contract
from models.inference.rejection import Rejection
from models.inference.standardization import Standardization
from models.preprocessing.canonicalize import CANONICAL_VERSION

FORMAT = 3
MAX_CONTRACT = 1 << 20
"""Bytes of `model.json`."""
MAX_FILES = 1 << 30
"""Bytes of all files that it names, which are read into memory."""
CONTRACT_FILE = "model.json"
ENGINE_FILES = {"float32": "network.tflite", "int8": "network.int8.tflite"}
"""Precision -> the file of the engine. float32 is the reference; int8 may be absent."""
INPUT: dict[str, Any] = {"shape": [28, 28], "dtype": "uint8"}
READER = "numbers"
"""The model that reads lines; its contract has a lag as well."""
LINE: dict[str, Any] = {"shape": [32, None], "dtype": "uint8"}
"""The input of `numbers`, a strip of any width."""
KEYS = {
    "format", "name", "canonical_version", "mean", "std", "temperature", "rejection", "input", "classes", "runtime",
    "files",
}  # fmt: skip


def write(directory: Path, contract: Contract) -> None:
    """Write `model.json` for the files of a directory, and record the runtime that they were held against."""
    document = {
        "format": FORMAT,
        "name": contract.name,
        "canonical_version": contract.canonical_version,
        "mean": contract.standardization.mean,
        "std": contract.standardization.std,
        "temperature": contract.temperature,
        "rejection": asdict(contract.rejection),
        "input": _input(contract.name),
        "classes": list(contract.classes),
        "runtime": runtime.NAME,
        "files": {
            path.relative_to(directory).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path.read_bytes())}
            for path in sorted(directory.rglob("*"))
            if path.is_file()
        },
    }
    if contract.name == READER:
        document["lag"] = contract.lag
    (directory / CONTRACT_FILE).write_text(json.dumps(document, indent=2) + "\n")


def verify(directory: Path, precision: str = "float32") -> Contract:
    """Read `model.json` and hold every file against it, without starting the engine.

    Args:
        directory: of the artifact.
        precision: a key of ENGINE_FILES, whose file must be there.

    Raises:
        ArtifactMissing: there is no `model.json`, or no network of this precision.
        ArtifactCorrupt: `model.json` does not parse, lacks or adds a key or holds an impossible value, or a file is
            not the one that it names.
        ArtifactIncompatible: the artifact has another format or was trained on another canonicalization.
    """
    return verify_and_read(directory, precision)[0]


def verify_and_read(directory: Path, precision: str) -> tuple[Contract, dict[str, bytes]]:
    """Do as `verify`, and return the content of the files at the top of the directory by their names too."""
    document = _read_contract(directory)
    contract = _parse_contract(directory, document)
    files = document["files"]
    if not isinstance(files, dict) or ENGINE_FILES["float32"] not in files:
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE} names no {ENGINE_FILES['float32']}")
    if ENGINE_FILES[precision] not in files:
        raise ArtifactMissing(f"{directory}: has no {precision} network; train it again, or serve float32")
    for name, expected in files.items():
        _check_keys(directory, f"files: {name}", expected, {"bytes", "sha256"})
        if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
            raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE} names {name}, which is outside of the directory")
    sizes = [expected["bytes"] for expected in files.values()]
    if not all(type(size) is int for size in sizes) or sum(sizes) > MAX_FILES:
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE} must give each file's bytes, {MAX_FILES:,} at most in all")
    contents = {name: _read_file(directory / name, **expected) for name, expected in files.items()}
    return contract, {name: content for name, content in contents.items() if "/" not in name}


def _input(name: str) -> dict[str, Any]:
    return LINE if name == READER else INPUT


def _read_contract(directory: Path) -> dict[str, Any]:
    path = directory / CONTRACT_FILE
    try:
        document = json.loads(read_bounded(path, MAX_CONTRACT))
    except FileNotFoundError:
        raise ArtifactMissing(f"{directory}: no {CONTRACT_FILE}; name a directory that training saved") from None
    except OSError as error:
        raise ArtifactMissing(f"{path}: cannot be read ({error.strerror}); let the service's user read it") from error
    except (ValueError, RecursionError) as error:
        raise ArtifactCorrupt(f"{path}: not valid JSON ({error}); restore the file") from error
    if not isinstance(document, dict):
        raise ArtifactCorrupt(f"{path}: must hold an object")
    return document


def _parse_contract(directory: Path, document: dict[str, Any]) -> Contract:
    if document.get("format") != FORMAT:
        raise ArtifactIncompatible(f"{directory}: format {document.get('format')}, this code reads {FORMAT}; retrain")
    is_reader = document.get("name") == READER
    _check_keys(directory, CONTRACT_FILE, document, KEYS | ({"lag"} if is_reader else set()))
    if document["canonical_version"] != CANONICAL_VERSION:
        raise ArtifactIncompatible(
            f"{directory}: trained on canonical version {document['canonical_version']}, "
            f"this code draws version {CANONICAL_VERSION}; retrain"
        )
    if document["input"] != _input(document["name"]):
        raise ArtifactIncompatible(f"{directory}: input {document['input']} is not {_input(document['name'])}")
    _check_keys(directory, "rejection", document["rejection"], {field.name for field in fields(Rejection)})
    for key in ("name", "runtime"):
        if not isinstance(document[key], str):
            raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: {key} must be a string, not {document[key]}")
    try:
        return Contract(
            name=document["name"],
            classes=tuple(document["classes"]),
            standardization=Standardization(_number(document, "mean"), _number(document, "std")),
            temperature=_number(document, "temperature"),
            rejection=_parse_rejection(document["rejection"]),
            lag=_number(document, "lag") if is_reader else 0.0,
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise ArtifactCorrupt(f"{directory}: {CONTRACT_FILE}: {error}") from error


def _parse_rejection(document: dict[str, Any]) -> Rejection:
    return Rejection(document["score"], **{key: _number(document, key) for key in document if key != "score"})


def _number(document: dict[str, Any], key: str) -> float:
    if type(document[key]) not in (int, float):
        raise TypeError(f"{key} must be a number, not {document[key]!r}")
    return float(document[key])


def _check_keys(directory: Path, where: str, value: object, expected: set[str]) -> None:
    if not isinstance(value, dict):
        raise ArtifactCorrupt(f"{directory}: {where} must be an object")
    if missing := expected - value.keys():
        raise ArtifactCorrupt(f"{directory}: {where} lacks {', '.join(sorted(missing))}")
    if extra := value.keys() - expected:
        raise ArtifactCorrupt(f"{directory}: {where} has unknown {', '.join(sorted(extra))}")


def read_bounded(path: Path, most: int) -> bytes:
    """Read a small file, without waiting for a pipe and without taking a large one into memory.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not a regular file, or larger than `most` bytes.
    """
    if path.exists() and not path.is_file():
        raise ValueError("not a file")
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"over {most:,} bytes")
    return content


def _read_file(path: Path, bytes: int, sha256: str) -> bytes:  # noqa: A002, the key of `model.json`
    if not path.is_file():
        raise ArtifactCorrupt(f"{path}: absent, though {CONTRACT_FILE} names it")
    if path.stat().st_size != bytes:
        raise ArtifactCorrupt(f"{path}: {path.stat().st_size:,} bytes where {bytes} were saved")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactCorrupt(f"{path}: cannot be read ({error.strerror}); let the service's user read it") from error
    if _sha256(content) != sha256:
        raise ArtifactCorrupt(f"{path}: altered since it was saved (its sha256 is another)")
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
