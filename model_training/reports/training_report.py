"""The evidence beside the weights: what was trained, on what, with what, and how good it is."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from model_training.cli.output import Answer, Table
from model_training.presets import Preset
from model_training.evaluation.metrics import Evaluation
from model_training.reports.record import REPORT_FILE, Record
from model_training.training.run import History
from models.registry.store import Store

LIBRARIES = ("keras", "numpy", "onnx", "onnxruntime", "tf2onnx")


def write(
    artifact: Path,
    *,
    command: str,
    preset: Preset,
    seed: int,
    parameters: int,
    history: History,
    data_sha256: dict[str, str],
    validation: Evaluation,
    test: Evaluation,
    int8: Evaluation,
    engine_disagreement: float,
    hardships: Mapping[str, Any],
    resumed: bool,
    seconds: float,
) -> None:
    """Write `report.json` into a saved artifact; `hardships` are sections of their own."""
    best = min(range(len(history)), key=lambda epoch: history[epoch]["val_loss"])
    document = {
        "command": command,
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
        **hardships,
        "trained_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "resumed": resumed,  # then the seconds are those of the last piece
        "seconds": round(seconds, 1),
        "hardware": {"processor": processor(), "cores": os.cpu_count()},
        "versions": {"python": platform.python_version(), "tensorflow": tensorflow_version()}
        | {library: version(library) for library in LIBRARIES},
    }
    incoming = artifact / f".{REPORT_FILE}"
    incoming.write_text(json.dumps(document, indent=2) + "\n")
    incoming.replace(artifact / REPORT_FILE)


def publish(artifact: Path, store: Store) -> Answer:
    """Make a reported artifact the store's next version, and `stable` if it beats what is; say so."""
    ours = Record.read(artifact)
    assert ours is not None, "write() comes first"
    stable = store.labels()["stable"]
    version = store.publish(artifact)
    theirs = Record.read(store.resolve(stable)) if stable in store.versions() else None
    if stable not in store.versions() or (theirs is not None and ours.beats(theirs)):
        store.promote(version)
        became = f"Version {version} is saved and is stable now; a running service takes it over."
    elif theirs is None:
        became = (
            f"Version {version} is saved; version {stable} has no {REPORT_FILE} to compare it with and stays stable: "
            f"`python -m model_training promote {version}` makes it stable."
        )
    else:
        became = f"Version {version} is saved; version {stable} reads the validation split better and stays stable."
    scores = {split: ours.document[split] for split in ("validation", "test", "int8_test")}
    rows = [
        (split, f"{s['accuracy']:.2%}", f"{s['loss']:.4f}", f"{s['ece']:.2%}", f"{s['refused']:.2%}")
        for split, s in scores.items()
    ]
    return Answer(
        {"version": version, "stable": store.labels()["stable"], **scores},
        tables=(Table(("split", "accuracy", "loss", "ECE", "refused"), rows),),
        lines=(became,),
    )


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
