"""Write and read `report.json`, the record beside a version's weights: how it was trained, and how well it reads."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from model_training.evaluation.metrics import Evaluation
from model_training.training.runs import History, Run, best_epoch
from models.errors import ArtifactCorrupt

RECORD_FILE = "report.json"
LIBRARIES = ("ai-edge-litert", "keras", "numpy", "onnx", "onnxruntime", "tf2onnx")


@dataclass(frozen=True)
class TrainingResult:
    """What one training run came to.

    Attributes:
        command: as typed.
        run: its preset, seed and artifact.
        parameters: of the network.
        history: of all epochs.
        data_sha256: name of a file or collection -> hash.
        validation: of the saved artifact on MNIST's validation split.
        test: of the saved artifact on MNIST's test split.
        int8: of its int8 file on MNIST's test split.
        engine_disagreement: largest difference of any probability between the engine and Keras.
        robustness: sections of the record by name.
        seconds: since the command began, or was resumed.
    """

    command: str
    run: Run
    parameters: int
    history: History
    data_sha256: dict[str, str]
    validation: Evaluation
    test: Evaluation
    int8: Evaluation
    engine_disagreement: float
    robustness: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True)
class TrainingRecord:
    """A version's `report.json`."""

    document: dict[str, Any]

    @classmethod
    def read(cls, directory: Path) -> TrainingRecord | None:
        """Read the record of a version; None if it has none.

        Raises:
            ArtifactCorrupt: the file is not valid JSON.
        """
        path = directory / RECORD_FILE
        try:
            return cls(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise ArtifactCorrupt(f"{path}: not valid JSON ({error}); restore the file or delete it") from error

    def summary(self) -> dict[str, Any]:
        """Return what fits on a line."""
        document = self.document
        return {
            "preset": document["preset"]["name"],
            "seed": document["seed"],
            "parameters": document["parameters"],
            "validation_accuracy": document["validation"]["accuracy"],
            "test_accuracy": document["test"]["accuracy"],
            "ece": document["test"]["ece"],
            "trained_at": document["trained_at"],
        }

    def beats(self, other: TrainingRecord) -> bool:
        """Return whether this version reads the validation split better: by accuracy, then by loss."""
        ours, theirs = (record.document["validation"] for record in (self, other))
        return (ours["accuracy"], -ours["loss"]) > (theirs["accuracy"], -theirs["loss"])


def write(result: TrainingResult) -> None:
    """Write `report.json` into the run's artifact."""
    document = {
        "command": result.command,
        "preset": asdict(result.run.preset),
        "seed": result.run.seed,
        "parameters": result.parameters,
        "epochs": len(result.history),
        "best_epoch": best_epoch(result.history) + 1,
        "history": result.history,
        "data_sha256": result.data_sha256,
        "validation": asdict(result.validation),
        "test": asdict(result.test),
        "int8_test": asdict(result.int8),
        "engine_disagreement": result.engine_disagreement,
        **result.robustness,
        "trained_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "resumed": result.run.resumed,
        "seconds": round(result.seconds, 1),
        "hardware": {"processor": _processor(), "cores": os.cpu_count()},
        "versions": {"python": platform.python_version(), "tensorflow": _tensorflow_version()}
        | {library: version(library) for library in LIBRARIES},
    }
    incoming = result.run.artifact / f".{RECORD_FILE}"
    incoming.write_text(json.dumps(document, indent=2) + "\n")
    incoming.replace(result.run.artifact / RECORD_FILE)


def _processor() -> str:
    """Return the processor's name as its vendor writes it."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _tensorflow_version() -> str:
    """Ask TensorFlow itself, because its package has several names."""
    import tensorflow as tf

    return tf.__version__
