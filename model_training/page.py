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

from model_training import anatomy, diagram, features, paper, pictures, plots, verdicts
from model_training.dataset import Split
from model_training.evaluation import Evaluation
from model_training.paper import Files
from model_training.record import REPORT_FILE, Record
from model_training.verdicts import Verdict
from models.artifact import DigitModel, Predictions

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
    wrong = verdicts.mistakes(predictions, test.labels)
    doubtful = verdicts.doubts(predictions, test.labels, DOUBTS)
    rates = verdicts.rates(evaluation.confusion)
    examples = {digit: int(np.flatnonzero(test.labels == digit)[0]) for digit in range(10)}

    files: Files = {"network.svg": diagram.draw(layers).encode()}
    if record:
        files[REPORT_FILE] = (json.dumps(record.document, indent=2) + "\n").encode()
        files["curves.svg"] = plots.curves(record.document["history"], record.document["best_epoch"]).encode()
    confidence = predictions.probabilities.max(axis=1)
    files["calibration.svg"] = plots.reliability(
        confidence, predictions.probabilities.argmax(1) == test.labels
    ).encode()
    files |= {
        f"kernels/{name}.png": pictures.signed(features.kernel_sheet(k))
        for name, k in features.kernels(network).items()
    }
    maps = features.maps(network, test.digits[list(examples.values())])
    for name, activations in maps.items():
        for digit in examples:
            files[f"maps/{digit}-{name}.png"] = pictures.strength(features.map_sheet(activations[digit]))
    for verdict in {verdict.index: verdict for verdict in (*wrong, *doubtful)}.values():
        files[_picture_of(verdict)] = pictures.ink(test.digits[verdict.index])
    files["layers.csv"] = _csv([asdict(layer) for layer in layers])
    files["digits.csv"] = _csv([asdict(rate) for rate in rates])
    files["confusion.csv"] = _csv(
        [{"digit": digit} | dict(enumerate(row)) for digit, row in enumerate(evaluation.confusion)]
    )
    files["mistakes.csv"] = _csv(map(_row, wrong))
    files["doubts.csv"] = _csv(map(_row, doubtful))
    files["index.html"] = paper.render(
        "report.html", files, model=model, record=record.document if record else None, evaluation=evaluation,
        layers=layers, rates=rates, mistakes=wrong, doubts=doubtful, picture_of=_picture_of,
        kernels=[layer for layer in layers if f"kernels/{layer.name}.png" in files],
        maps=[layer for layer in layers if layer.name in maps], examples=examples, shape=anatomy.text,
    ).encode()  # fmt: skip
    _replace(directory, files)
    return files


def stranger(directory: Path) -> Path | None:
    """A file in a directory that no report writes, if there is one; a report does not replace such a directory."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return next((path for path in files if not OURS.fullmatch(path.relative_to(directory).as_posix())), None)


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
