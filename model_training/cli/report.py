"""Write a page that shows what a version learned, how well it reads, and where it fails.

The page holds its images and opens offline; the same images and tables lie beside it as files.

example:
  python -m model_training report stable
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_training.cli.output import CommandOutput, Table
from models.errors import DigitsError


class ReportError(DigitsError):
    """The directory holds a file that is not a report's."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the version, the directory and MNIST."""
    parser.add_argument("version", metavar="VERSION", help="a number, stable or canary")
    parser.add_argument("--to", type=Path, metavar="DIR", help="where to write; by default reports/VERSION")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with MNIST; downloaded by default")


def run(options: argparse.Namespace) -> CommandOutput:
    """Measure the version on the test split and write its report."""
    directory = options.store.resolve(options.version)
    to = options.to or Path("reports") / directory.name
    import keras

    from model_training.data import dataset, mnist
    from model_training.evaluation import metrics
    from model_training.reports import version_report
    from model_training.reports.training_record import TrainingRecord
    from models.registry import artifact

    if foreign := version_report.foreign_file(to):
        raise ReportError(f"{foreign} is not a report's; name another directory with --to")
    model = artifact.load(directory)
    test = dataset.split(mnist.load(options.data)).test
    predictions = metrics.predict(model, test.digits, "test")
    scores = metrics.score(predictions, test.labels)
    network = keras.saving.load_model(directory / "network.keras")
    record = TrainingRecord.read(directory)
    files = version_report.write(to, network, record, test, predictions)
    wrong = round(scores.n * (1 - scores.accuracy))
    row = (f"{scores.accuracy:.2%}", str(wrong), f"{scores.ece:.2%}", f"{scores.refused:.2%}", str(len(files)))
    return CommandOutput(
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
