"""Show every version, its labels and how good it is.

example:
  python -m model_training list --json
"""

from __future__ import annotations

import argparse

from model_training.cli.output import Answer, Table
from model_training.reports.record import Record


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(options: argparse.Namespace) -> Answer:
    """Read `report.json` of each version; one without it is listed with what is known."""
    store = options.store
    labels = store.labels()
    versions = []
    for version in store.versions():
        directory = store.resolve(version)
        record = Record.read(directory)
        versions.append(
            {
                "version": version,
                "labels": [label for label, target in labels.items() if target == version],
                "bytes": sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()),
                **(record.summary() if record else {}),
            }
        )
    rows = [
        (
            str(entry["version"]),
            ", ".join(entry["labels"]),
            entry.get("preset", "no report.json"),
            f"{entry['parameters']:,}" if "parameters" in entry else "",
            *(f"{entry[key]:.2%}" if key in entry else "" for key in ("validation_accuracy", "test_accuracy", "ece")),
            f"{entry['bytes'] / 1e6:.1f} MB",
            entry.get("trained_at", "")[:10],
        )
        for entry in versions
    ]
    head = ("version", "labels", "preset", "parameters", "validation", "test", "ECE", "size", "trained")
    if not versions:
        return Answer({"versions": []}, lines=(f"{store.root}: no versions yet; train one with `make train`.",))
    return Answer({"versions": versions}, tables=(Table(head, rows),))
