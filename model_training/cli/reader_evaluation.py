"""Measure a reader of lines by kind of number, alone and with the network for single digits."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model_training.cli import found
from model_training.cli.output import CommandOutput, Table
from model_training.data import number_writers
from model_training.data.number_archives import NumberArchive
from model_training.data.writers import WriterSplits
from model_training.evaluation import number_kinds, number_reading
from model_training.evaluation.number_kinds import NumberPicture
from model_training.reports import number_mistakes, png
from models.errors import DatasetError
from models.inference.digit_model import DigitModel
from models.numbers.line_model import LineModel
from models.registry import artifact, lines
from models.registry.store import ARTIFACTS, Store

TIMED_WIDTH, TIMED = 192, 50
"""Pixels of a strip of eight digits, and how often it is read for the time."""


def run(options: argparse.Namespace, directory: Path) -> CommandOutput:
    """Measure a version on the test writers of the places named."""
    places, archives = divide(options.data or [])
    _, by_writer = found.read(places, options.store)
    chosen = pictures(by_writer, archives, options.count)
    if not chosen:
        raise DatasetError("no number to measure on; name handwriting or an archive of numbers with --data")
    model, judge = lines.load(directory), artifact.load(Store(ARTIFACTS / "digits").resolve())
    kinds = measure(model, judge, chosen)
    if options.mistakes:
        draw_mistakes(options.mistakes, model, judge, chosen)
    return CommandOutput({"version": model.version, "kinds": kinds}, (table(kinds, f"version {model.version}"),))


def divide(places: Sequence[Path]) -> tuple[list[Path], list[NumberArchive]]:
    """Divide places into those with handwriting, and archives of numbers."""
    others, archives = [], []
    for place in places:
        if NumberArchive.is_one(place):
            archives.append(NumberArchive(place))
        else:
            others.append(place)
    return others, archives


def pictures(by_writer: WriterSplits, archives: Sequence[NumberArchive], count: int) -> list[NumberPicture]:
    """Compose `count` numbers of each kind by writers of the test part, and take the real ones that are held out."""
    made = []
    if people := number_writers.stroke_writers(by_writer.test):
        made += number_kinds.composed(people, count)
    for archive in archives:
        made += number_kinds.real(archive, held_out=True)
    return made


def measure(model: LineModel, judge: DigitModel | None, chosen: Sequence[NumberPicture]) -> dict[str, dict[str, Any]]:
    """Score by kind: the likeliest columns, the beam, and with a judge the lattice of both; `ms` is of a strip."""
    seen = number_reading.look(model, chosen)
    scores = number_reading.scores(seen, [number_reading.greedy(read) for read in seen])
    ways = {"beam": [number_reading.best(read) for read in seen]}
    if judge is not None:
        served = [number_reading.served(read, judge) for read in seen]
        ways["both"] = [number_reading.both(line) for line in served]
        ways["single digits"] = [number_reading.single_digits(line) for line in served]
    for way, answers in ways.items():
        for kind, score in number_reading.scores(seen, answers).items():
            scores[kind] |= {way: score["exact"], f"{way} cer": score["cer"]}
    milliseconds = _milliseconds(model)
    return {kind: score | {"ms": milliseconds} for kind, score in scores.items()}


def draw_mistakes(path: Path, model: LineModel, judge: DigitModel, chosen: Sequence[NumberPicture]) -> None:
    """Draw every number that both networks together misread."""
    seen = number_reading.look(model, chosen)
    answers = [number_reading.both(number_reading.served(read, judge)) for read in seen]
    mistakes = [
        number_mistakes.Mistake(read.line.strip, read.picture.kind, _text(read.picture.number), _text(answer))
        for read, answer in zip(seen, answers, strict=True)
        if read.line and answer != read.picture.number
    ]
    path.write_bytes(png.grey(number_mistakes.draw(mistakes)))


def table(kinds: dict[str, dict[str, Any]], title: str) -> Table:
    """Show the scores of each kind."""
    ways = [key for key in next(iter(kinds.values()), {}) if key not in ("n", "ms")]
    rows = [
        (kind, f"{score['n']:,}", *(f"{score[way]:.2%}" for way in ways), f"{score['ms']:.2f} ms")
        for kind, score in kinds.items()
    ]
    return Table(("kind", "n", *ways, "a strip"), rows, title)


def _text(digits: Sequence[int]) -> str:
    return "".join(map(str, digits))


def _milliseconds(model: LineModel) -> float:
    """Time a strip of eight digits."""
    strip = np.zeros((32, TIMED_WIDTH), np.uint8)
    times = []
    for _ in range(TIMED):
        began = time.perf_counter()
        model.log_probabilities(strip)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1000
