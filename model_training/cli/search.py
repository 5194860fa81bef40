"""Try variations of a preset: learning rate, width, dropout, share of augmented digits.

The validation split judges; the test split is never looked at. What was tried is kept: after a kill the same command
goes on, and with more `--trials` it goes further. Optuna's TPE chooses what to try next. People's digits take part as
they do in `train`: some writers are trained on, others judge with the validation split.

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
from model_training.cli.output import Answer, Table
from models.errors import DigitsError


class RayMissing(DigitsError):
    """Ray is not installed."""


def configure(parser: argparse.ArgumentParser) -> None:
    """What is varied, how many trials, where."""
    training_arguments.configure(parser)
    parser.add_argument(
        "--trials", type=positive, default=20, metavar="N", help="complete trials, those of before included"
    )
    parser.add_argument("--to", type=Path, metavar="DIR", help="where it is kept; searches/PRESET if it is left out")
    parser.add_argument("--ray", metavar="ADDRESS", help="of a Ray cluster, host:port, that shares the trials")


def positive(text: str) -> int:
    """A number of trials."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def run(options: argparse.Namespace) -> Answer:
    """Try, then show what was tried."""
    preset = options.preset
    to = options.to or Path("searches") / preset.name
    from model_training.reports import plots
    from model_training.search import search, variation

    study = search.resume_or_start(to, preset, options.seed, options.extra)
    bench = variation.prepare(preset, options.seed, options.data, options.extra)
    submit = search.here(bench.measure)
    parallel = 1
    if options.ray:
        try:
            from model_training.search import cluster
        except ModuleNotFoundError as error:
            raise RayMissing(f"{error}; `make search` installs it") from error
        submit, parallel = cluster.connect(options.ray, bench)
    search.run(study, preset, options.trials, submit, parallel)
    tried = search.rows(study)
    (to / "search.svg").write_text(plots.search(tried))
    with (to / "trials.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, tried[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(tried)
    head = (
        "trial",
        "learning rate",
        "width",
        "dropout",
        "augmented",
        "loss",
        "accuracy",
        "parameters",
        "epochs",
        "time",
    )
    best = tried[0]
    return Answer(
        {"preset": preset.name, "directory": str(to), "trials": tried},
        tables=(
            Table(
                head,
                [
                    (
                        str(t["trial"]), f"{t['learning_rate']:.2e}", f"{t['width']:.2f}", f"{t['dropout']:.2f}",
                        f"{t['augmented']:.2f}", f"{t['loss']:.4f}", f"{t['accuracy']:.2%}", f"{t['parameters']:,}",
                        str(t["epochs"]), f"{t['seconds']:.0f} s",
                    )
                    for t in tried[:20]
                ],
                title="Validation split, the best first",
            ),
        ),
        lines=(
            f"Trial {best['trial']} is the best of {len(tried)}: {to / 'search.svg'} and {to / 'trials.csv'} show all.",
            "To keep it, write a preset with these values in model_training/config.py.",
        ),
    )  # fmt: skip
