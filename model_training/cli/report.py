"""Write a page that shows what a version learned, how it reads, and where it fails.

The page holds its pictures and opens offline; beside it lie the same pictures and tables as files.

example:
  python -m model_training report stable
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_training.cli.output import Answer, Table
from models.errors import DigitsError


class ReportError(DigitsError):
    """The directory named holds something that is no report."""


def configure(parser: argparse.ArgumentParser) -> None:
    """VERSION and where to."""
    parser.add_argument("version", metavar="VERSION", help="a number, stable or canary")
    parser.add_argument("--to", type=Path, metavar="DIR", help="where to write; reports/VERSION if it is left out")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with MNIST; downloaded if it is left out")


def run(options: argparse.Namespace) -> Answer:
    """Read the test split with the version as it is served, open its network, write."""
    directory = options.store.resolve(options.version)
    to = options.to or Path("reports") / directory.name
    import keras

    from model_training.data import dataset, mnist
    from model_training.evaluation import metrics
    from model_training.reports import html
    from model_training.reports.record import Record
    from models.registry import artifact

    if stranger := html.stranger(to):
        raise ReportError(f"{stranger} is no report's; name another directory with --to")
    model = artifact.load(directory)
    test = dataset.split(mnist.load(options.data)).test
    predictions = metrics.predict(model, test.digits, "test")
    scores = metrics.score(predictions, test.labels)
    network = keras.saving.load_model(directory / "network.keras")
    files = html.write(to, model, network, Record.read(directory), test, predictions, scores)
    wrong = round(scores.n * (1 - scores.accuracy))
    row = (f"{scores.accuracy:.2%}", str(wrong), f"{scores.ece:.2%}", f"{scores.refused:.2%}", str(len(files)))
    return Answer(
        {
            "version": model.version,
            "page": str(to / "index.html"),
            "accuracy": scores.accuracy,
            "mistakes": wrong,
            "ece": scores.ece,
            "refused": scores.refused,
            "files": sorted(files),
        },
        tables=(Table(("accuracy", "mistakes", "ECE", "refused", "files"), [row]),),
        lines=(f"Open {to / 'index.html'}",),
    )
