"""Measure a version, through the engine that serves it, on MNIST or on digits of your own.

Digits of your own are images in folders named by the digit, `7/any.png` or `anna/7/any.png`, or strokes as JSON lines
(README.md says more). They are measured writer by writer; files that cannot be read, and labels that look wrong, are
listed. `part` is where training with these digits puts a writer, always the same: only of those of `test` does a
version that was trained on them know nothing.

example:
  python -m model_training evaluate stable
  python -m model_training evaluate 2 --data my-digits/
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training.cli.output import Answer, Table
from model_training.data import canonical_digits, dataset, handwriting, mnist, writers
from model_training.data.handwriting import LOOK_LIKE_DIGITS, Specimen
from model_training.evaluation import metrics
from model_training.evaluation.metrics import Evaluation
from models.errors import DatasetError
from models.inference.digit_model import DigitModel, Predictions
from models.registry import artifact

LISTED = 20
"""Rows and files shown at most; `--json` has them all."""


def configure(parser: argparse.ArgumentParser) -> None:
    """VERSION, and what to measure it on."""
    parser.add_argument("version", metavar="VERSION", help="a number, stable or canary")
    parser.add_argument("--data", type=Path, nargs="+", metavar="PLACE", help="folders or files with people's digits")


def run(options: argparse.Namespace) -> Answer:
    """Measure on MNIST's test split, or on the places named."""
    model = artifact.load(options.store.resolve(options.version))
    if options.data:
        return _on_people(model, options.data)
    scores = metrics.evaluate(model, dataset.split(mnist.load()).test, "test")
    return Answer(
        {"version": model.version, "test": asdict(scores)}, (_table(("split",), [(("MNIST test",), scores)]),)
    )


def _on_people(model: DigitModel, places: list[Path]) -> Answer:
    collected = handwriting.read(places)
    digits = canonical_digits.read(specimen for specimen in collected.specimens if specimen.digit is not None)
    others = canonical_digits.read(
        s for s in collected.specimens if s.digit is None and s.label not in LOOK_LIKE_DIGITS
    )
    if not digits.specimens:
        raise DatasetError(f"{', '.join(map(str, places))}: holds no digit with ink in it; name other places")
    labels = np.array([specimen.digit for specimen in digits.specimens], np.uint8)
    predictions = metrics.predict(model, digits.digits, "digits")

    def scores(chosen: NDArray[np.bool_]) -> Evaluation:
        part = Predictions(predictions.probabilities[chosen], predictions.digit_score[chosen], model)
        return metrics.score(part, labels[chosen])

    by_writer = _by_writer(digits.specimens, scores)
    everyone = scores(np.ones(len(labels), bool))
    unreadable = [*collected.unreadable, *(f"{s.where}: blank" for s in (*digits.blank, *others.blank))]
    suspects = _suspects(digits.specimens, labels, predictions)
    refused = metrics.refused(metrics.predict(model, others.digits, "no digits"))
    document: dict[str, Any] = {
        "version": model.version,
        "all": asdict(everyone),
        "writers": {writer: {"part": part} | asdict(each) for writer, (part, each) in by_writer.items()},
        "no_digits": {"n": len(refused), "refused": float(refused.mean()) if len(refused) else None},
        "unreadable": unreadable,
        "mislabelled_looking": suspects,
    }
    worst = sorted(by_writer.items(), key=lambda item: (item[1][1].accuracy, item[0]))[:LISTED]
    rows = [((writer, part), each) for writer, (part, each) in worst]
    lines = [f"and {len(by_writer) - len(worst)} more writers, read better: --json lists them"] * (
        len(by_writer) > LISTED
    )
    if len(refused):
        lines.append(f"Of {len(refused):,} drawings that are no digit {refused.mean():.1%} are refused.")
    lines += _listed("could not be read", unreadable)
    lines += _listed("look mislabelled", [f"{s['where']}: {s['label']}, read as {s['answer']}" for s in suspects])
    return Answer(document, (_table(("writer", "part"), [*rows, (("all", ""), everyone)]),), tuple(lines))


def _by_writer(
    specimens: list[Specimen], scores: Callable[[NDArray[np.bool_]], Evaluation]
) -> dict[str, tuple[str, Evaluation]]:
    """Each writer's part and scores."""
    parts = writers.split(specimens)
    names = {s.writer: part for part in ("train", "validation", "test") for s in getattr(parts, part)}
    who = np.array([specimen.writer for specimen in specimens])
    return {name.rstrip("/"): (part, scores(who == name)) for name, part in names.items()}


def _suspects(specimens: list[Specimen], labels: NDArray[np.uint8], predictions: Predictions) -> list[dict[str, Any]]:
    """What the model surely takes for another digit, the surest first."""
    answers, confidence = predictions.probabilities.argmax(axis=1), predictions.probabilities.max(axis=1)
    doubtless = (confidence > canonical_digits.SURE) & ~metrics.refused(predictions)
    found = [
        int(index)
        for index in np.argsort(-confidence, kind="stable")
        if doubtless[index] and answers[index] != labels[index]
    ]
    return [
        {
            "where": specimens[i].where,
            "label": int(labels[i]),
            "answer": int(answers[i]),
            "confidence": float(confidence[i]),
        }
        for i in found
    ]


def _table(head: tuple[str, ...], rows: list[tuple[tuple[str, ...], Evaluation]]) -> Table:
    return Table(
        (*head, "n", "accuracy", "loss", "ECE", "refused"),
        [
            (*names, f"{s.n:,}", f"{s.accuracy:.2%}", f"{s.loss:.4f}", f"{s.ece:.2%}", f"{s.refused:.2%}")
            for names, s in rows
        ],
    )


def _listed(what: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  and {len(lines) - LISTED} more: --json lists them"] * (len(lines) > LISTED)
    return [f"{len(lines)} {what}:", *(f"  {line}" for line in lines[:LISTED]), *more]
