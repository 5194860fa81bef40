"""Compare two versions: data, configuration, accuracy on the same digits, speed.

McNemar's exact test, on the digits that only one of them reads correctly, decides whether one reads better. Exit status
3: the second version is significantly worse (p < 0.05).

example:
  python -m model_training compare stable 2
  python -m model_training compare 1 2 --data my-digits/
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from model_training.cli.output import NO, CommandOutput, Table
from model_training.data import canonical_digits, dataset, handwriting, mnist
from model_training.data.dataset import Split
from model_training.evaluation import comparison, metrics
from model_training.evaluation.comparison import McNemar
from model_training.reports.training_record import TrainingRecord
from models.registry import artifact
from models.registry.contract import ENGINE_FILES


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the two versions, and the digits to compare them on."""
    parser.add_argument("versions", nargs=2, metavar="VERSION", help="a number, stable or canary")
    parser.add_argument(
        "--data", type=Path, nargs="+", metavar="PLACE", help="handwriting to read instead of MNIST's test split"
    )


def run(options: argparse.Namespace) -> CommandOutput:
    """Read the same digits with both versions, and compare their records."""
    directories = [options.store.resolve(version) for version in options.versions]
    first, second = models = [artifact.load(directory) for directory in directories]
    split = _own_digits(options.data) if options.data else dataset.split(mnist.load()).test
    predictions = [metrics.predict(model, split.digits, f"version {model.version}") for model in models]
    scores = [metrics.score(each, split.labels) for each in predictions]
    test = comparison.mcnemar(*(p.probabilities.argmax(axis=1) == split.labels for p in predictions))
    speed = comparison.microseconds(models, split.digits)
    records = [TrainingRecord.read(directory) for directory in directories]
    documents = [record.document if record else {} for record in records]
    differences = comparison.differences(*documents)
    shares = [comparison.robustness(document) for document in documents]
    robustness = {name: [each.get(name) for each in shares] for name in dict.fromkeys([*shares[0], *shares[1]])}
    sizes = [(directory / ENGINE_FILES["float32"]).stat().st_size for directory in directories]
    document: dict[str, Any] = {
        "versions": [first.version, second.version],
        "n": len(split),
        "accuracy": [score.accuracy for score in scores],
        "loss": [score.loss for score in scores],
        "ece": [score.ece for score in scores],
        "refused": [score.refused for score in scores],
        "network_bytes": sizes,
        "microseconds_a_digit": speed,
        "mcnemar": {"only_first_right": test.only_first, "only_second_right": test.only_second, "p": test.p},
        "hard": robustness,
        "differences": {name: list(values) for name, values in differences.items()},
    }
    heads = tuple(f"version {model.version}" for model in models)
    rows = [
        ("accuracy", *(f"{score.accuracy:.2%}" for score in scores)),
        ("loss", *(f"{score.loss:.4f}" for score in scores)),
        ("ECE", *(f"{score.ece:.2%}" for score in scores)),
        ("refused", *(f"{score.refused:.2%}" for score in scores)),
        (ENGINE_FILES["float32"], *(f"{size / 1e6:.1f} MB" for size in sizes)),
        *((f"a digit, batches of {n}", *(f"{each:.0f} us" for each in both)) for n, both in speed.items()),
    ]
    tables = [Table((f"n = {len(split):,}", *heads), rows)]
    if robustness:
        rows = [
            (name, *("not measured" if value is None else f"{value:.2%}" for value in values))
            for name, values in robustness.items()
        ]
        tables.append(Table(("as measured after training", *heads), rows))
    if differences:
        rows = [(name, *(_shortened(value) for value in values)) for name, values in differences.items()]
        tables.append(Table(("differs in", *heads), rows))
    missing = [
        f"Version {model.version} has no report.json, so its training is unknown."
        for model, record in zip(models, records, strict=True)
        if not record
    ]
    worse = test.significant and test.only_second < test.only_first
    conclusion = _conclusion(first.version, second.version, test)
    return CommandOutput(document, tuple(tables), (*missing, conclusion), NO if worse else 0)


def _conclusion(first: int, second: int, test: McNemar) -> str:
    counts = (
        f"Only version {first} reads {test.only_first:,} correctly, only version {second} {test.only_second:,}: "
        f"p = {test.p:.2g} (McNemar, exact), "
    )
    if not test.significant:
        return counts + "no significant difference."
    return counts + f"version {first if test.only_first > test.only_second else second} is significantly better."


def _own_digits(places: list[Path]) -> Split:
    samples = handwriting.read(places).samples
    canonical = canonical_digits.of_samples(sample for sample in samples if sample.digit is not None)
    return Split(canonical.digits, np.array([sample.digit for sample in canonical.samples], np.uint8))


def _shortened(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
