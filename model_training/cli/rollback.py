"""Point `stable` back at the version that was stable before; again, and it goes further back.

example:
  python -m model_training rollback
"""

from __future__ import annotations

import argparse

from model_training.cli.output import Answer
from models.registry import contract


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(options: argparse.Namespace) -> Answer:
    """Move the label, then say whether what it points at is sound."""
    before = options.store.labels()["stable"]
    version = options.store.rollback()
    contract.verify(options.store.resolve(version))
    return Answer(
        {"label": "stable", "version": version, "before": before},
        lines=(f"stable is version {version} again; it was version {before}.",),
    )
