"""Say in what two versions differ: data, configuration, accuracy on the same images, speed.

Whether one reads better than the other is judged by McNemar's exact test on the digits that only one of them reads
right. Exit status 3: the second is significantly worse (p < 0.05).

example:
  python -m model_training compare stable 2
  python -m model_training compare 1 2 --data my-digits/
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from model_training.cli.output import Answer, Table
from model_training.data import canonical_digits, dataset, handwriting, mnist
from model_training.data.dataset import Split
from model_training.evaluation import comparison, metrics
from model_training.reports.record import Record
from models.registry import artifact

NO = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Two versions, and what to read with both."""
    parser.add_argument("versions", nargs=2, metavar="VERSION", help="a number, stable or canary")
    parser.add_argument(
        "--data", type=Path, nargs="+", metavar="PLACE", help="people's digits to read instead of MNIST's test split"
    )


def run(options: argparse.Namespace) -> Answer:
    """Read the same digits with both, then look at what their records say."""
    directories = [options.store.resolve(version) for version in options.versions]
    one, other = models = [artifact.load(directory) for directory in directories]
    split = _people(options.data) if options.data else dataset.split(mnist.load()).test
    predictions = [metrics.predict(model, split.digits, f"version {model.version}") for model in models]
    scores = [metrics.score(each, split.labels) for each in predictions]
    test = comparison.mcnemar(*(p.probabilities.argmax(axis=1) == split.labels for p in predictions))
    speed = comparison.microseconds(models, split.digits)
    records = [Record.read(directory) for directory in directories]
    known = [record.document if record else {} for record in records]
    different = comparison.differences(*known)
    hard = [comparison.hard(document) for document in known]
    told = {name: [each.get(name) for each in hard] for name in dict.fromkeys([*hard[0], *hard[1]])}
    bytes_ = [(directory / "network.onnx").stat().st_size for directory in directories]
    document: dict[str, Any] = {
        "versions": [one.version, other.version],
        "n": len(split),
        "accuracy": [score.accuracy for score in scores],
        "loss": [score.loss for score in scores],
        "ece": [score.ece for score in scores],
        "refused": [score.refused for score in scores],
        "network_bytes": bytes_,
        "microseconds_a_digit": speed,
        "mcnemar": {"only_first_right": test.only_one, "only_second_right": test.only_other, "p": test.p},
        "hard": told,
        "differences": {name: list(values) for name, values in different.items()},
    }
    heads = tuple(f"version {model.version}" for model in models)
    rows = [
        ("accuracy", *(f"{score.accuracy:.2%}" for score in scores)),
        ("loss", *(f"{score.loss:.4f}" for score in scores)),
        ("ECE", *(f"{score.ece:.2%}" for score in scores)),
        ("refused", *(f"{score.refused:.2%}" for score in scores)),
        ("network.onnx", *(f"{size / 1e6:.1f} MB" for size in bytes_)),
        *((f"a digit, batches of {n}", *(f"{each:.0f} us" for each in both)) for n, both in speed.items()),
    ]
    tables = [Table((f"n = {len(split):,}", *heads), rows)]
    if told:
        shares = [
            (name, *("not measured" if value is None else f"{value:.2%}" for value in values))
            for name, values in told.items()
        ]
        tables.append(Table(("as measured after training", *heads), shares))
    if different:
        causes = [(name, *(_told(value) for value in values)) for name, values in different.items()]
        tables.append(Table(("differs in", *heads), causes))
    missing = [
        f"Version {m.version} has no report.json: nothing is known of its training."
        for m, r in zip(models, records, strict=True)
        if not r
    ]
    worse = test.significant and test.only_other < test.only_one
    return Answer(document, tuple(tables), (*missing, _verdict(one.version, other.version, test)), NO if worse else 0)


def _verdict(one: int, other: int, test: comparison.McNemar) -> str:
    told = (
        f"Only version {one} reads {test.only_one:,} right, only version {other} {test.only_other:,}: "
        f"p = {test.p:.2g} (McNemar, exact), "
    )
    if not test.significant:
        return told + "no significant difference."
    return told + f"version {one if test.only_one > test.only_other else other} is significantly better."


def _people(places: list[Path]) -> Split:
    read = canonical_digits.read(
        specimen for specimen in handwriting.read(places).specimens if specimen.digit is not None
    )
    return Split(read.digits, np.array([specimen.digit for specimen in read.specimens], np.uint8))


def _told(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
