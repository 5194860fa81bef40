"""Measure a version, through the engine that serves it, on MNIST or on digits of your own.

Digits of your own are images in folders named by the digit, `7/any.png` or `anna/7/any.png`, or strokes as JSON lines
(see README.md). They are measured writer by writer. Files that cannot be read and labels that look wrong are listed.
`part` is the split that training puts a writer in, always the same: a version that was trained on these digits does not
know the writers of `test`.

example:
  python -m model_training evaluate stable
  python -m model_training evaluate 2 --data my-digits/
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training.cli.output import CommandOutput, Table
from model_training.data import canonical_digits, dataset, handwriting, mnist, writers
from model_training.evaluation import error_analysis, metrics
from model_training.evaluation.metrics import Evaluation
from models.errors import DatasetError
from models.inference.digit_model import DigitModel, Predictions
from models.registry import artifact

LISTED = 20
"""Rows and files shown at most; `--json` has all."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the version, and the digits to measure it on."""
    parser.add_argument("version", metavar="VERSION", help="a number, stable or canary")
    parser.add_argument("--data", type=Path, nargs="+", metavar="PLACE", help="folders or files with handwriting")


def run(options: argparse.Namespace) -> CommandOutput:
    """Measure on MNIST's test split, or on the places named."""
    model = artifact.load(options.store.resolve(options.version))
    if options.data:
        return _on_own_digits(model, options.data)
    scores = metrics.evaluate(model, dataset.split(mnist.load()).test, "test")
    return CommandOutput(
        {"version": model.version, "test": asdict(scores)}, (_table(("split",), [(("MNIST test",), scores)]),)
    )


def _on_own_digits(model: DigitModel, places: list[Path]) -> CommandOutput:
    read = handwriting.read(places)
    digits = canonical_digits.of_samples(sample for sample in read.samples if sample.digit is not None)
    others = canonical_digits.of_samples(sample for sample in read.samples if sample.non_digit)
    if not digits.samples:
        raise DatasetError(f"{', '.join(map(str, places))}: holds no digit with ink in it; name other places")
    labels = np.array([sample.digit for sample in digits.samples], np.uint8)
    predictions = metrics.predict(model, digits.digits, "digits")

    def scores(chosen: NDArray[np.bool_]) -> Evaluation:
        part = Predictions(predictions.probabilities[chosen], predictions.digit_score[chosen], model)
        return metrics.score(part, labels[chosen])

    splits = writers.split(digits.samples)
    split_of = {sample.writer: name for name in writers.SPLITS for sample in getattr(splits, name)}
    names = np.array([sample.writer for sample in digits.samples])
    by_writer = {name.rstrip("/"): (split, scores(names == name)) for name, split in split_of.items()}
    everyone = scores(np.ones(len(labels), bool))
    unreadable = [*read.unreadable, *(f"{sample.where}: blank" for sample in (*digits.blank, *others.blank))]
    suspects = [
        {
            "where": digits.samples[suspect.index].where,
            "label": suspect.label,
            "answer": suspect.predicted,
            "confidence": suspect.best[0][1],
        }
        for suspect in error_analysis.suspected_mislabels(predictions, labels)
    ]
    refused = metrics.refused(metrics.predict(model, others.digits, "non-digits"))
    document: dict[str, Any] = {
        "version": model.version,
        "all": asdict(everyone),
        "writers": {writer: {"part": split} | asdict(each) for writer, (split, each) in by_writer.items()},
        "no_digits": {"n": len(refused), "refused": float(refused.mean()) if len(refused) else None},
        "unreadable": unreadable,
        "mislabelled_looking": suspects,
    }
    worst = sorted(by_writer.items(), key=lambda entry: (entry[1][1].accuracy, entry[0]))[:LISTED]
    rows = [((writer, split), each) for writer, (split, each) in worst]
    lines = [f"and {len(by_writer) - len(worst)} more writers, read better: --json lists them"] * (
        len(by_writer) > LISTED
    )
    if len(refused):
        lines.append(f"Of {len(refused):,} non-digits {refused.mean():.1%} are refused.")
    lines += _listed("could not be read", unreadable)
    lines += _listed("look mislabelled", [f"{s['where']}: {s['label']}, read as {s['answer']}" for s in suspects])
    return CommandOutput(document, (_table(("writer", "part"), [*rows, (("all", ""), everyone)]),), tuple(lines))


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
