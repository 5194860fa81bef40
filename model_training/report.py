"""The evidence beside the weights: what was trained, on what, with what, and how good it is."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from model_training.config import Preset
from model_training.evaluation import Evaluation
from model_training.run import History
from models.store import Store

REPORT_FILE = "report.json"
LIBRARIES = ("keras", "numpy", "onnx", "onnxruntime", "tf2onnx")


def write(
    artifact: Path,
    *,
    preset: Preset,
    seed: int,
    parameters: int,
    history: History,
    data_sha256: dict[str, str],
    validation: Evaluation,
    test: Evaluation,
    int8: Evaluation,
    engine_disagreement: float,
    seconds: float,
) -> None:
    """Write `report.json` into a saved artifact."""
    best = min(range(len(history)), key=lambda epoch: history[epoch]["val_loss"])
    document = {
        "command": "python -m model_training " + " ".join(sys.argv[1:]),
        "preset": asdict(preset),
        "seed": seed,
        "parameters": parameters,
        "epochs": len(history),
        "best_epoch": best + 1,
        "history": history,
        "data_sha256": data_sha256,
        "validation": asdict(validation),
        "test": asdict(test),
        "int8_test": asdict(int8),
        "engine_disagreement": engine_disagreement,
        "trained_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(seconds, 1),
        "hardware": {"processor": processor(), "cores": os.cpu_count()},
        "versions": {"python": platform.python_version(), "tensorflow": tensorflow_version()}
        | {library: version(library) for library in LIBRARIES},
    }
    incoming = artifact / f".{REPORT_FILE}"
    incoming.write_text(json.dumps(document, indent=2) + "\n")
    incoming.replace(artifact / REPORT_FILE)


def publish(artifact: Path, store: Store) -> int:
    """Make a reported artifact the store's next version, and `stable` if it beats what is; say so.

    Returns:
        The version's number.
    """
    document = json.loads((artifact / REPORT_FILE).read_bytes())
    print(f"{'':12}{'accuracy':>10}{'loss':>10}{'ECE':>10}{'refused':>10}")
    for split in ("validation", "test", "int8_test"):
        values = document[split]
        print(
            f"{split:12}{values['accuracy']:>10.2%}{values['loss']:>10.4f}{values['ece']:>10.2%}{values['refused']:>10.2%}"
        )
    stable = store.labels()["stable"]
    version = store.publish(artifact)
    if stable is None or better(artifact, store.resolve(stable)):
        store.promote(version)
        print(f"Version {version} is saved and is stable now; a restarted service serves it.")
    else:
        print(f"Version {version} is saved; version {stable} reads the validation split better and stays stable.")
    return version


def better(candidate: Path, incumbent: Path) -> bool:
    """Whether one artifact beats another on the validation split: accuracy first, then loss."""
    ours, theirs = (json.loads((path / REPORT_FILE).read_bytes())["validation"] for path in (candidate, incumbent))
    return (ours["accuracy"], -ours["loss"]) > (theirs["accuracy"], -theirs["loss"])


def processor() -> str:
    """The processor's name, as its vendor writes it."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def tensorflow_version() -> str:
    """Of whichever of its packages is installed."""
    import tensorflow as tf

    return tf.__version__
