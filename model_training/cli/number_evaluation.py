"""Measure a reader on whole pictures, as the service reads them, by kind, length and writer; write its page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model_training.cli import reader_evaluation
from model_training.cli.output import CommandOutput, Table
from model_training.data import handwriting, number_writers, writers
from model_training.data.number_archives import NumberArchive
from model_training.evaluation import number_answers, number_pages, number_pictures
from model_training.evaluation.number_pages import NumberPage
from model_training.reports import number_report
from models.errors import DatasetError
from models.numbers.reader import NumberReader
from models.registry import artifact, lines
from models.registry.store import ARTIFACTS, Store

SHOWN_WRITERS = 10
HEAD = ("n", "exact", "CER", "precision", "recall", "F1", "accepted", "of these wrong", "median")


def run(options: argparse.Namespace, directory: Path) -> CommandOutput:
    """Measure a version on strips cut by known boxes, and on whole pictures of the places named."""
    strips = reader_evaluation.run(options, directory)
    reader = NumberReader(lines.load(directory), artifact.load(Store(ARTIFACTS / "digits").resolve()))
    answers = number_answers.read(reader, pages(options.data or [], options.count))
    scores = number_report.scores(answers)
    said: tuple[str, ...] = ()
    if options.report:
        options.report.write_text(number_report.write(reader.model, answers))
        said = (f"Open {options.report}",)
    worst = dict(list(scores["writer"].items())[:SHOWN_WRITERS])
    tables = [
        table("kind", scores["kind"] | {"all": number_answers.score(answers)}, "whole pictures, as they are served"),
        table("digits", scores["digits"]),
        table("writer", worst, "the writers with the most mistakes"),
    ]
    return CommandOutput(strips.document | {"whole": scores}, (*strips.tables, *tables), (*strips.lines, *said))


def pages(places: Sequence[Path], count: int) -> list[NumberPage]:
    """Compose `count` pictures of each kind by writers of the test part; take the real ones that are held out.

    Raises:
        DatasetError: the places hold neither.
    """
    archives = [place for place in places if NumberArchive.is_one(place)]
    others = [place for place in places if place not in archives]
    people = number_writers.stroke_writers(writers.split(handwriting.read(others).samples).test) if others else []
    chosen = number_pages.composed(people, count) if people else []
    for archive in archives:
        chosen += number_pictures.real(archive)
    if not chosen:
        raise DatasetError("no number to measure on; name handwriting or an archive of numbers with --data")
    return chosen


def table(what: str, groups: dict[str, dict[str, Any]], title: str = "") -> Table:
    """Show the scores of each group."""
    rows = [(name, f"{each['n']:,}", *_cells(each)) for name, each in groups.items()]
    return Table((what, *HEAD), rows, title)


def _cells(scores: dict[str, Any]) -> tuple[str, ...]:
    keys = ("exact", "cer", "precision", "recall", "f1", "accepted", "wrong_accepted")
    shares = ("" if scores[key] is None else f"{scores[key]:.2%}" for key in keys)
    return (*shares, f"{scores['ms']:.1f} ms")
