"""Write the report of a version: every image and table as a file, and one page with all of them that opens offline."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from model_training.data.dataset import Split
from model_training.evaluation import error_analysis, metrics
from model_training.evaluation.error_analysis import ClassifiedDigit
from model_training.reports import feature_maps, layer_summary, network_diagram, page, plots, png
from model_training.reports.page import Files
from model_training.reports.training_record import RECORD_FILE, TrainingRecord
from models.inference.digit_model import Predictions

DOUBTS = 24
REPORT_FILES = re.compile(r"[a-z]+\.(html|json|svg|csv)|(digits|kernels|maps)/[^/]+\.png")


def write(
    directory: Path,
    network: keras.Sequential,
    record: TrainingRecord | None,
    test: Split,
    predictions: Predictions,
) -> Files:
    """Write the report, whole or not at all; returns its files.

    Args:
        directory: for `index.html` and its files; a report that is there is replaced.
        network: the version's `network.keras`.
        record: the version's `report.json`; None leaves out what only the record knows.
        test: MNIST's test split.
        predictions: of the test split, by the engine.
    """
    layers = layer_summary.summarize(network)
    evaluation = metrics.score(predictions, test.labels)
    mistakes = error_analysis.mistakes(predictions, test.labels)
    doubts = error_analysis.doubts(predictions, test.labels, DOUBTS)
    rates = error_analysis.rates(evaluation.confusion)
    writers = error_analysis.writers(record.document.get("people", {})) if record else []
    kernels = feature_maps.kernels(network)
    examples = [int(np.flatnonzero(test.labels == digit)[0]) for digit in range(10)]
    maps = feature_maps.maps(network, test.digits[examples])
    correct = predictions.probabilities.argmax(axis=1) == test.labels

    files = {
        "network.svg": network_diagram.draw(layers).encode(),
        "calibration.svg": plots.reliability(predictions.probabilities.max(axis=1), correct).encode(),
    }
    files |= {f"kernels/{name}.png": png.signed(feature_maps.kernel_sheet(kernel)) for name, kernel in kernels.items()}
    for name, activations in maps.items():
        for digit, activation in enumerate(activations):
            files[f"maps/{digit}-{name}.png"] = png.activation(feature_maps.map_sheet(activation))
    files |= {_image_name(digit): png.ink(test.digits[digit.index]) for digit in (*mistakes, *doubts)}
    confusion = [{"digit": digit} | dict(enumerate(row)) for digit, row in enumerate(evaluation.confusion)]
    files |= {
        "layers.csv": _csv(map(asdict, layers)),
        "digits.csv": _csv(map(asdict, rates)),
        "confusion.csv": _csv(confusion),
        "mistakes.csv": _csv(map(_row, mistakes)),
        "doubts.csv": _csv(map(_row, doubts)),
    }
    if writers:
        files["writers.csv"] = _csv(writers)
    if record:
        files[RECORD_FILE] = (json.dumps(record.document, indent=2) + "\n").encode()
        files["curves.svg"] = plots.curves(record.document["history"], record.document["best_epoch"]).encode()
    files["index.html"] = page.render(
        "report.html", files, model=predictions.model, record=record.document if record else None,
        evaluation=evaluation, layers=layers, drawing_width=network_diagram.width(layers), rates=rates,
        mistakes=mistakes, doubts=doubts, writers=writers, image_name=_image_name,
        kernels=[layer for layer in layers if layer.name in kernels],
        maps=[layer for layer in layers if layer.name in maps], shape=layer_summary.shape_text,
    ).encode()  # fmt: skip
    _replace(directory, files)
    return files


def foreign_file(directory: Path) -> Path | None:
    """Find a file that no report writes; a directory with such a file must not be replaced."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return next((path for path in files if not REPORT_FILES.fullmatch(path.relative_to(directory).as_posix())), None)


def _image_name(digit: ClassifiedDigit) -> str:
    return f"digits/{digit.index:05}.png"


def _row(digit: ClassifiedDigit) -> dict[str, Any]:
    row: dict[str, Any] = {"index": digit.index, "label": digit.label}
    for place, (answer, probability) in enumerate(digit.best, 1):
        row |= {f"answer {place}": answer, f"probability {place}": f"{probability:.4f}"}
    return row


def _csv(rows: Iterable[dict[str, Any]]) -> bytes:
    rows = list(rows)
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue().encode()


def _replace(directory: Path, files: Files) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        staging.chmod(0o755)
        for name, content in files.items():
            (staging / name).parent.mkdir(exist_ok=True)
            (staging / name).write_bytes(content)
        before = staging.with_name(f"{staging.name}-before")
        if directory.exists():
            directory.rename(before)
        staging.rename(directory)
        shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
