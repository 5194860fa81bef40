"""Search hyper-parameters around a preset: learning rate, width, dropout, share of augmented digits.

Optuna's TPE chooses what to try next, and the validation digits decide; MNIST's test split takes no part. Trials are
kept: after a kill the same command goes on, and more `--trials` continue the search. Other handwriting takes part as in
`train`: some writers are trained on, others join the validation digits.

example:
  python -m model_training search --preset cnn --trials 20
  python -m model_training search --preset cnn --trials 20 --extra my-digits/
  python -m model_training search --preset cnn --trials 200 --ray 10.0.0.1:6379
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from model_training.cli import training_arguments
from model_training.cli.output import CommandOutput, Table
from models.errors import DigitsError

SHOWN = 20


class RayMissing(DigitsError):
    """Ray is not installed."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what to vary, how many trials, and where they run."""
    training_arguments.configure(parser)
    parser.add_argument(
        "--trials", type=_positive, default=20, metavar="N", help="complete trials, earlier ones included"
    )
    parser.add_argument("--to", type=Path, metavar="DIR", help="where to keep the trials; by default searches/PRESET")
    parser.add_argument("--ray", metavar="ADDRESS", help="host:port of a Ray cluster that runs the trials")


def run(options: argparse.Namespace) -> CommandOutput:
    """Run trials, then show all that are complete."""
    preset = options.preset
    to = options.to or Path("searches") / preset.name
    from model_training.cli import found
    from model_training.data import dataset, mnist, training_set
    from model_training.reports import plots
    from model_training.search import study as studies
    from model_training.search.trial import Objective

    study = studies.resume_or_start(to, preset, options.seed, options.extra)
    splits = dataset.split(mnist.load(options.data))
    _, by_writer = found.read(options.extra, options.store, splits)
    data = training_set.prepare(preset, options.seed, splits, by_writer)
    objective = Objective(preset, options.seed, data)
    submit, parallel = studies.in_process(objective.measure), 1
    if options.ray:
        try:
            from model_training.search import ray_cluster
        except ModuleNotFoundError as error:
            raise RayMissing(f"{error}; `make search` installs it") from error
        submit, parallel = ray_cluster.connect(options.ray, objective)
    studies.run(study, preset, options.trials, submit, parallel)
    trials = studies.rows(study)
    (to / "search.svg").write_text(plots.search(trials))
    with (to / "trials.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, trials[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(trials)
    head = (
        "trial", "learning rate", "width", "dropout", "augmented", "loss", "accuracy", "parameters", "epochs", "time",
    )  # fmt: skip
    rows = [
        (
            str(t["trial"]), f"{t['learning_rate']:.2e}", f"{t['width']:.2f}", f"{t['dropout']:.2f}",
            f"{t['augmented']:.2f}", f"{t['loss']:.4f}", f"{t['accuracy']:.2%}", f"{t['parameters']:,}",
            str(t["epochs"]), f"{t['seconds']:.0f} s",
        )
        for t in trials[:SHOWN]
    ]  # fmt: skip
    best = trials[0]["trial"]
    return CommandOutput(
        {"preset": preset.name, "directory": str(to), "trials": trials},
        tables=(Table(head, rows, title="Validation digits, the best trial first"),),
        lines=(
            f"Trial {best} is the best of {len(trials)}: {to / 'search.svg'} and {to / 'trials.csv'} show all.",
            "To keep it, write a preset with these values in model_training/presets.py.",
        ),
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value
