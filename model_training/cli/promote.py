"""Point a label at a version; services that follow the label then serve that version.

The version is verified, loaded and tried first, so that a broken version never becomes stable.

example:
  python -m model_training promote 2
  python -m model_training promote 3 --label canary
"""

from __future__ import annotations

import argparse

from model_training.cli.output import CommandOutput
from models.registry import artifact
from models.registry.store import LABELS


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the version and the label."""
    parser.add_argument("version", metavar="VERSION", help="a number, or another label")
    parser.add_argument("--label", choices=LABELS, default="stable", help="the label to move")


def run(options: argparse.Namespace) -> CommandOutput:
    """Try the version, then move the label."""
    directory = options.store.resolve(options.version)
    artifact.check(directory)
    version = int(directory.name)
    before = options.store.promote(version, options.label)
    was = "nothing" if before is None else f"version {before}"
    return CommandOutput(
        {"label": options.label, "version": version, "before": before},
        lines=(f"{options.label} is version {version} now; it was {was}.",),
    )
