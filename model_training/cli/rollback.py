"""Point `stable` back at the version that was stable before; repeat it to go further back.

example:
  python -m model_training rollback
"""

from __future__ import annotations

import argparse

from model_training.cli.output import CommandOutput
from models.registry import artifact


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(options: argparse.Namespace) -> CommandOutput:
    """Try the version before, then move the label."""
    before = options.store.labels()["stable"]
    version = options.store.rollback(artifact.check)
    return CommandOutput(
        {"label": "stable", "version": version, "before": before},
        lines=(f"stable is version {version} again; it was version {before}.",),
    )
