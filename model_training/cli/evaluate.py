"""Measure a version's float32 network, in the engine that serves it, on MNIST or on digits of your own.

Digits of your own are images in folders named by the digit, `7/any.png` or `anna/7/any.png`, or strokes as JSON lines
(see README.md). They are measured writer by writer. Files that cannot be read and labels that look wrong are listed.
`part` is the split that training puts a writer in, always the same: a version that was trained on these digits does not
know the writers of `test`.

example:
  python -m model_training evaluate stable
  python -m model_training evaluate 2 --data my-digits/
  python -m model_training evaluate --preset numbers --data my-digits/ my-numbers.zip --report numbers.html
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training.cli import found, number_evaluation
from model_training.cli.output import SCORES, CommandOutput, Table, score_cells
from model_training.data import canonical_digits, dataset, handwriting, mnist, writers
from model_training.evaluation import error_analysis, inventory, label_check, metrics
from model_training.presets import READER_PRESETS
from models.errors import DatasetError
from models.inference.digit_model import DigitModel, Predictions
from models.registry import artifact, contract
from models.registry.store import ARTIFACTS, Store

LISTED = 20
"""Rows and files shown at most; `--json` has all."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the version, and the digits to measure it on."""
    parser.add_argument("version", metavar="VERSION", nargs="?", default="stable", help="a number, stable or canary")
    parser.add_argument("--preset", dest="reader", choices=READER_PRESETS, help="a reader: look among its versions")
    parser.add_argument("--data", type=Path, nargs="+", metavar="PLACE", help="folders or files with handwriting")
    parser.add_argument("--count", type=int, default=500, help="of a reader: numbers of each kind that are composed")
    parser.add_argument("--mistakes", type=Path, metavar="PNG", help="of a reader: draw every number that it misreads")
    parser.add_argument("--report", type=Path, metavar="HTML", help="of a reader: write scores and every mistake")


def run(options: argparse.Namespace) -> CommandOutput:
    """Measure on MNIST's test split, or on the places named."""
    store = Store(ARTIFACTS / options.reader) if options.reader else options.store
    directory = store.resolve(options.version)
    if contract.verify(directory).name == contract.READER:
        return number_evaluation.run(options, directory)
    model = artifact.load(directory)
    if options.data:
        return _on_own_digits(model, options.data, options.store)
    splits = dataset.split(mnist.load())
    found.show(inventory.take(handwriting.Handwriting(), writers.split([]), splits))
    scores = asdict(metrics.evaluate(model, splits.test, "test"))
    table = Table(("split", "n", *SCORES), [("MNIST test", f"{scores['n']:,}", *score_cells(scores))])
    return CommandOutput({"version": model.version, "test": scores}, (table,))


def _on_own_digits(model: DigitModel, places: list[Path], store: Store) -> CommandOutput:
    read = handwriting.read(places)
    splits = writers.split(read.samples)
    digits = canonical_digits.of_samples(sample for sample in read.samples if sample.digit is not None)
    others = canonical_digits.of_samples(sample for sample in read.samples if sample.non_digit)
    if not digits.samples:
        raise DatasetError(f"{', '.join(map(str, places))}: holds no digit with ink in it; name other places")
    stable = found.stable_model(store)
    stock = inventory.take(read, splits, check=stable and label_check.check_labels(digits, stable))
    found.show(stock)
    labels = np.array([sample.digit for sample in digits.samples], np.uint8)
    predictions = metrics.predict(model, digits.digits, "digits")

    def scores(chosen: NDArray[np.bool_]) -> dict[str, Any]:
        part = Predictions(predictions.probabilities[chosen], predictions.digit_score[chosen], model)
        return asdict(metrics.score(part, labels[chosen]))

    names = np.array([sample.writer.rstrip("/") for sample in digits.samples])
    by_writer = {
        tally.name: {"part": ", ".join(tally.parts)} | scores(names == tally.name)
        for tally in stock.writers
        if tally.name in names
    }
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
        "found": stock.document(),
        "all": everyone,
        "writers": by_writer,
        "no_digits": {"n": len(refused), "refused": float(refused.mean()) if len(refused) else None},
        "unreadable": unreadable,
        "mislabelled_looking": suspects,
    }
    worst = sorted(by_writer, key=lambda writer: (by_writer[writer]["accuracy"], writer))[:LISTED]
    scored = [*((writer, by_writer[writer]["part"], by_writer[writer]) for writer in worst), ("all", "", everyone)]
    rows = [(writer, split, f"{each['n']:,}", *score_cells(each)) for writer, split, each in scored]
    lines = [f"and {len(by_writer) - len(worst)} more writers, read better: --json lists them"] * (
        len(by_writer) > LISTED
    )
    if len(refused):
        lines.append(f"Of {len(refused):,} non-digits {refused.mean():.1%} are refused.")
    lines += _listed("could not be read", unreadable)
    lines += _listed("look mislabelled", [f"{s['where']}: {s['label']}, read as {s['answer']}" for s in suspects])
    return CommandOutput(document, (Table(("writer", "part", "n", *SCORES), rows),), tuple(lines))


def _listed(what: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  and {len(lines) - LISTED} more: --json lists them"] * (len(lines) > LISTED)
    return [f"{len(lines)} {what}:", *(f"  {line}" for line in lines[:LISTED]), *more]
