"""Train a network on MNIST, save it with its mean and std, and serve it if it is the best so far.

example:
  python -m model_training train --preset quick
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_training.cli import training_arguments
from model_training.cli.output import SCORES, CommandOutput, Table, score_cells
from model_training.presets import PRESETS, READER_PRESETS
from model_training.reports.training_record import RECORD_FILE, TrainingRecord
from models.registry.store import Store


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what to train, and which run to resume."""
    training_arguments.configure(parser, PRESETS | READER_PRESETS)
    parser.add_argument(
        "--resume", action="store_true", help="continue the newest interrupted run of this preset and seed"
    )
    parser.add_argument("--runs", type=Path, metavar="DIR", default=Path("runs"), help="folder of checkpoints and logs")


def publish(artifact: Path, store: Store) -> CommandOutput:
    """Publish a recorded artifact as the next version, and promote it to `stable` if it beats the stable version."""
    ours = TrainingRecord.read(artifact)
    assert ours is not None, "the record is written before"
    version = store.publish(artifact)
    if store.promote_if(version, lambda stable: _beats(ours, stable, store)):
        line = f"Version {version} is saved and is stable now; a running service takes it over."
    elif _record(store, stable := store.labels()["stable"]) is None:
        line = (
            f"Version {version} is saved; version {stable} has no {RECORD_FILE} to compare it with and stays stable: "
            f"`python -m model_training promote {version}` makes it stable."
        )
    else:
        line = f"Version {version} is saved; version {stable} reads the validation split better and stays stable."
    scores = {split: ours.document[split] for split in ("validation", "test", "int8_test")}
    return CommandOutput(
        {"version": version, "stable": store.labels()["stable"], **scores},
        tables=(Table(("split", *SCORES), [(split, *score_cells(each)) for split, each in scores.items()]),),
        lines=(line,),
    )


def _beats(ours: TrainingRecord, stable: int | None, store: Store) -> bool:
    if stable not in store.versions():
        return True
    theirs = _record(store, stable)
    return theirs is not None and ours.beats(theirs)


def _record(store: Store, version: int) -> TrainingRecord | None:
    return TrainingRecord.read(store.resolve(version))
