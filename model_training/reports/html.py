"""`report/` of a version: every picture and table as a file, and all of them in one page that opens offline."""

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
from numpy.typing import NDArray

from model_training.reports import anatomy, diagram, features, templates, images, plots
from model_training.evaluation import error_analysis
from model_training.reports.anatomy import LayerFacts
from model_training.data.dataset import Split
from model_training.evaluation.metrics import Evaluation
from model_training.reports.templates import Files
from model_training.reports.record import REPORT_FILE, Record
from model_training.evaluation.error_analysis import Rates, Verdict
from models.registry.artifact import DigitModel, Predictions

DOUBTS = 24

OURS = re.compile(r"[a-z]+\.(html|json|svg|csv)|(digits|kernels|maps)/[^/]+\.png")


def write(
    directory: Path,
    model: DigitModel,
    network: keras.Sequential,
    record: Record | None,
    test: Split,
    predictions: Predictions,
    evaluation: Evaluation,
) -> Files:
    """Write the report, whole or not at all; one that is there is replaced.

    Args:
        directory: `index.html` and its files go there.
        model: as it is served.
        network: its `network.keras`.
        record: its `report.json`; None leaves out what only that knows.
        test: MNIST's test split.
        predictions: the model's, of the test split.
        evaluation: of these predictions.
    """
    layers = anatomy.dissect(network)
    wrong = error_analysis.mistakes(predictions, test.labels)
    doubtful = error_analysis.doubts(predictions, test.labels, DOUBTS)
    rates = error_analysis.rates(evaluation.confusion)
    kernels = features.kernels(network)
    examples = [int(np.flatnonzero(test.labels == digit)[0]) for digit in range(10)]
    maps = features.maps(network, test.digits[examples])

    files = _drawings(layers, record, predictions, test) | _looks_inside(kernels, maps)
    files |= {_picture_of(v): images.ink(test.digits[v.index]) for v in (*wrong, *doubtful)}
    people = error_analysis.writers(record.document.get("people", {})) if record else []
    files |= _tables(layers, rates, evaluation, wrong, doubtful, people, record)
    files["index.html"] = templates.render(
        "report.html", files, model=model, record=record.document if record else None, evaluation=evaluation,
        layers=layers, drawing_width=diagram.width(layers), rates=rates, mistakes=wrong, doubts=doubtful,
        writers=people,
        picture_of=_picture_of, kernels=[layer for layer in layers if layer.name in kernels],
        maps=[layer for layer in layers if layer.name in maps], shape=anatomy.text,
    ).encode()  # fmt: skip
    _replace(directory, files)
    return files


def stranger(directory: Path) -> Path | None:
    """A file in a directory that no report writes, if there is one; a report does not replace such a directory."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return next((path for path in files if not OURS.fullmatch(path.relative_to(directory).as_posix())), None)


def _drawings(layers: list[LayerFacts], record: Record | None, predictions: Predictions, test: Split) -> Files:
    confidence, answers = predictions.probabilities.max(axis=1), predictions.probabilities.argmax(axis=1)
    drawings = {
        "network.svg": diagram.draw(layers),
        "calibration.svg": plots.reliability(confidence, answers == test.labels),
    }
    if record:
        drawings["curves.svg"] = plots.curves(record.document["history"], record.document["best_epoch"])
    return {name: drawing.encode() for name, drawing in drawings.items()}


def _looks_inside(kernels: dict[str, NDArray[np.float32]], maps: dict[str, NDArray[np.float32]]) -> Files:
    files = {f"kernels/{name}.png": images.signed(features.kernel_sheet(kernel)) for name, kernel in kernels.items()}
    for name, activations in maps.items():
        for digit, activation in enumerate(activations):
            files[f"maps/{digit}-{name}.png"] = images.strength(features.map_sheet(activation))
    return files


def _tables(
    layers: list[LayerFacts],
    rates: list[Rates],
    evaluation: Evaluation,
    wrong: list[Verdict],
    doubtful: list[Verdict],
    people: list[dict[str, Any]],
    record: Record | None,
) -> Files:
    confusion = [{"digit": digit} | dict(enumerate(row)) for digit, row in enumerate(evaluation.confusion)]
    files = {
        "layers.csv": _csv(map(asdict, layers)),
        "digits.csv": _csv(map(asdict, rates)),
        "confusion.csv": _csv(confusion),
        "mistakes.csv": _csv(map(_row, wrong)),
        "doubts.csv": _csv(map(_row, doubtful)),
    }
    if people:
        files["writers.csv"] = _csv(people)
    if record:
        files[REPORT_FILE] = (json.dumps(record.document, indent=2) + "\n").encode()
    return files


def _picture_of(verdict: Verdict) -> str:
    return f"digits/{verdict.index:05}.png"


def _row(verdict: Verdict) -> dict[str, Any]:
    row: dict[str, Any] = {"index": verdict.index, "label": verdict.label}
    for place, (digit, probability) in enumerate(verdict.best, 1):
        row |= {f"answer {place}": digit, f"probability {place}": f"{probability:.4f}"}
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
