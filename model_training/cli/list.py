"""List all versions, with their labels and how well they read.

example:
  python -m model_training list --json
"""

from __future__ import annotations

import argparse

from model_training.cli.output import CommandOutput, Table
from model_training.reports.training_record import TrainingRecord


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(options: argparse.Namespace) -> CommandOutput:
    """Read the record of each version; a version without one is listed with what else is known."""
    store = options.store
    labels = store.labels()
    versions = []
    for version in store.versions():
        directory = store.resolve(version)
        record = TrainingRecord.read(directory)
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
        return CommandOutput({"versions": []}, lines=(f"{store.root}: no versions yet; train one with `make train`.",))
    return CommandOutput({"versions": versions}, tables=(Table(head, rows),))
