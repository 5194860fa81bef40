"""Train a reader of lines: compose, fit, save, measure, publish."""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from model_training.cli import found, reader_evaluation
from model_training.cli.output import CommandOutput
from model_training.data import dataset, handwriting, mnist, number_set, number_writers, writers
from model_training.data.number_archives import NumberArchive
from model_training.evaluation import number_calibration, number_kinds
from model_training.export import number_files
from model_training.reports.training_record import RECORD_FILE
from model_training.training import ctc_network, ctc_trainer, runs, trainer
from models.registry import artifact, lines
from models.registry.contract import READER
from models.registry.store import ARTIFACTS, Store

CALIBRATION_BATCHES, CALIBRATION_SEED = 16, 2028
EIGHT_DIGITS = 192
"""Pixels of the strip of eight digits, as the engine runs it."""

log = logging.getLogger("model_training")


def train(options: argparse.Namespace) -> CommandOutput:
    """Gather the writers, fit the reader, save it, measure what was saved, publish it."""
    began = time.monotonic()
    trainer.make_repeatable(options.seed)
    arrays = mnist.load(options.data)
    places, archives = reader_evaluation.divide(options.extra)
    splits = dataset.split(arrays)
    samples, by_writer = found.read(places, options.store, splits)
    numbers = [number for archive in archives for number in archive.numbers]
    start_or_resume = runs.resume if options.resume else runs.start
    run = start_or_resume(options.runs, options.preset, options.seed, options.extra)

    network = ctc_network.build(options.preset.architecture)
    network.summary(print_fn=log.info)
    data = ctc_trainer.prepare(options.preset, splits, by_writer, numbers)
    network, history = ctc_trainer.fit(network, data, run)

    batches = number_set.batches(data.writers, options.preset.batch_size, (CALIBRATION_SEED,))
    some = list(itertools.islice(batches, CALIBRATION_BATCHES))
    number_files.save(run.artifact, network, data.standardization, some)
    calibrate(run.artifact, by_writer, options.preset.composed)
    record = {
        "command": options.typed,
        "preset": asdict(options.preset),
        "seed": options.seed,
        "parameters": network.count_params(),
        "multiply_adds": ctc_network.multiply_adds(network, EIGHT_DIGITS),
        "epochs": len(history),
        "best_epoch": runs.best_epoch(history) + 1,
        "history": history,
        "data_sha256": mnist.sha256(arrays) | handwriting.sha256(samples),
        "kinds": measure(run.artifact, by_writer, archives, options.preset.composed),
        "trained_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "resumed": run.resumed,
        "seconds": round(time.monotonic() - began, 1),
        "cores": len(os.sched_getaffinity(0)),
    }
    (run.artifact / RECORD_FILE).write_text(json.dumps(record, indent=2) + "\n")
    return publish(run.artifact, store_of(options))


def calibrate(directory: Path, by_writer: writers.WriterSplits, count: int) -> None:
    """Fit, on numbers by writers of the validation part, the network's lag and how sure a number must be.

    Args:
        directory: of an artifact.
        by_writer: handwriting.
        count: numbers of each kind.
    """
    people = number_writers.stroke_writers(by_writer.validation)
    if not people:
        return
    pictures = number_kinds.composed(people, count)
    number_files.set_lag(directory, 0.0)
    number_files.set_lag(directory, number_calibration.lag(lines.load(directory, "int8"), pictures))
    judge = artifact.load(Store(ARTIFACTS / "digits").resolve(), "int8")
    number_files.set_margin(directory, number_calibration.min_margin(lines.load(directory, "int8"), judge, pictures))


def measure(
    directory: Path, by_writer: writers.WriterSplits, archives: Sequence[NumberArchive], count: int
) -> dict[str, dict[str, object]]:
    """Measure an artifact's files on the writers of the test part."""
    pictures = reader_evaluation.pictures(by_writer, archives, count)
    return {
        precision: reader_evaluation.measure(lines.load(directory, precision), None, pictures)
        for precision in ("float32", "int8")
    }


def store_of(options: argparse.Namespace) -> Store:
    """Return the folder of the readers' versions, unless another was named."""
    return Store(ARTIFACTS / READER) if options.models == ARTIFACTS / "digits" else options.store


def publish(directory: Path, store: Store) -> CommandOutput:
    """Publish the artifact as the next version; it becomes `stable` if its validation loss is the lowest."""
    version = store.publish(directory)
    ours = _loss(directory)
    promoted = store.promote_if(
        version, lambda stable: stable not in store.versions() or ours < _loss(store.resolve(stable))
    )
    record = json.loads((directory / RECORD_FILE).read_bytes())
    line = f"Version {version} is saved and is stable now." if promoted else f"Version {version} is saved."
    return CommandOutput(
        {"version": version, "stable": store.labels()["stable"], "kinds": record["kinds"]},
        tables=tuple(reader_evaluation.table(kinds, precision) for precision, kinds in record["kinds"].items()),
        lines=(line,),
    )


def _loss(directory: Path) -> float:
    record = json.loads((directory / RECORD_FILE).read_bytes())
    return float(min(epoch["val_loss"] for epoch in record["history"]))
