"""python -m model_training: from MNIST to the model that is served."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from typing import TYPE_CHECKING

from models.errors import DigitsError

if TYPE_CHECKING:
    from model_training.cli.output import Answer

log = logging.getLogger("model_training")


def train(options: argparse.Namespace) -> Answer:
    """Load, standardize, build, fit, calibrate, save, reload, evaluate, report."""
    # in here, so that --help and the other commands need not wait for TensorFlow
    from model_training.data import dataset, handwriting, mnist, training_set, writers
    from model_training.evaluation import metrics, robustness
    from model_training.export import artifact_files
    from model_training.reports import training_report
    from model_training.training import architectures, calibration, run, trainer
    from models.inference.standardization import Standardization
    from models.registry import artifact

    began = time.monotonic()
    trainer.make_repeatable(options.seed)
    arrays = mnist.load(options.data)
    splits = dataset.split(arrays)
    collected = handwriting.read(options.extra)
    for complaint in collected.unreadable:
        log.warning("Left out: %s", complaint)
    hands = writers.split(collected.specimens)
    open_run = run.resume if options.resume else run.start
    this = open_run(options.runs, options.preset, options.seed, options.extra)

    standardization = Standardization.fit(splits.train.digits)
    network = architectures.build(options.preset.architecture)
    network.summary(print_fn=logging.getLogger("model_training").info)
    material = training_set.of_preset(options.preset, splits.train, hands.train, options.seed)
    held_out = training_set.held_out(splits.validation, hands.validation)
    network, history = trainer.fit(network, material, held_out, standardization, options.preset, options.seed, this)

    logits = artifact_files.logits_of(network).predict(standardization(held_out.digits), batch_size=1000, verbose=0)
    calibrated = calibration.calibrate(logits, held_out.labels)
    artifact_files.save(this.artifact, network, standardization, calibrated, splits.train.digits)

    model = artifact.load(this.artifact)
    validation = metrics.evaluate(model, splits.validation, "validation")
    test = metrics.evaluate(model, splits.test, "test")
    int8 = metrics.evaluate(artifact.load(this.artifact, "int8"), splits.test, "test, int8")
    difference = metrics.disagreement(model, this.artifact, splits.test.digits)
    hardships = robustness.measure(model, hands, splits.test if options.preset.mixture else None)
    training_report.write(this.artifact, command=options.typed, preset=options.preset, seed=options.seed,
                 parameters=network.count_params(), history=history,
                 data_sha256=mnist.sha256(arrays) | handwriting.sha256(collected.specimens),
                 validation=validation, test=test, int8=int8, engine_disagreement=difference, hardships=hardships,
                 resumed=this.resumed, seconds=time.monotonic() - began)  # fmt: skip
    return training_report.publish(this.artifact, options.store)


def main(argv: list[str] | None = None) -> int:
    """Do what the command line asks, and print the answer.

    Returns:
        The exit status.

    Raises:
        DigitsError: something is missing or broken; its text says what to do.
    """
    # in here, so that a library that is not installed is told of below
    from model_training import cli
    from model_training.cli import arguments

    options = arguments.parse(argv)
    logging.getLogger("model_training").setLevel(logging.WARNING if options.quiet else logging.INFO)
    run = train if options.command == arguments.DEFAULT else cli.COMMANDS[options.command].run
    answer = run(options)
    answer.show(as_json=options.json)
    return answer.status


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    try:
        sys.exit(main())
    except DigitsError as error:
        sys.exit(f"model_training: {error}")
    except ModuleNotFoundError as error:
        sys.exit(f"model_training: {error}; `make train ARGS=--help` installs what is in requirements/train.txt")
    except KeyboardInterrupt:
        sys.exit(130)
