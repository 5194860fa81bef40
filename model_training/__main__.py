"""python -m model_training: from MNIST to the model that is served."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from typing import TYPE_CHECKING

from models.errors import DigitsError

if TYPE_CHECKING:
    from model_training.answer import Answer

log = logging.getLogger("model_training")


def train(options: argparse.Namespace) -> Answer:
    """Load, standardize, build, fit, calibrate, save, reload, evaluate, report."""
    # in here, so that --help and the other commands need not wait for TensorFlow
    from model_training import (
        architectures,
        calibration,
        corpus,
        dataset,
        evaluation,
        export,
        fitting,
        hardship,
        mnist,
        people,
        report,
        run,
        writers,
    )
    from models import artifact
    from models.standardization import Standardization

    began = time.monotonic()
    fitting.make_repeatable(options.seed)
    arrays = mnist.load(options.data)
    splits = dataset.split(arrays)
    collected = people.read(options.extra)
    for complaint in collected.unreadable:
        log.warning("Left out: %s", complaint)
    hands = writers.split(collected.specimens)
    open_run = run.resume if options.resume else run.start
    this = open_run(options.runs, options.preset, options.seed, options.extra)

    standardization = Standardization.fit(splits.train.digits)
    network = architectures.build(options.preset.architecture)
    network.summary(print_fn=logging.getLogger("model_training").info)
    material = corpus.of_preset(options.preset, splits.train, hands.train, options.seed)
    held_out = corpus.held_out(splits.validation, hands.validation)
    network, history = fitting.fit(network, material, held_out, standardization, options.preset, options.seed, this)

    logits = export.logits_of(network).predict(standardization(held_out.digits), batch_size=1000, verbose=0)
    calibrated = calibration.calibrate(logits, held_out.labels)
    export.save(this.artifact, network, standardization, calibrated, splits.train.digits)

    model = artifact.load(this.artifact)
    validation = evaluation.evaluate(model, splits.validation, "validation")
    test = evaluation.evaluate(model, splits.test, "test")
    int8 = evaluation.evaluate(artifact.load(this.artifact, "int8"), splits.test, "test, int8")
    difference = evaluation.disagreement(model, this.artifact, splits.test.digits)
    hardships = hardship.measure(model, hands, splits.test if options.preset.mixture else None)
    report.write(this.artifact, command=options.typed, preset=options.preset, seed=options.seed,
                 parameters=network.count_params(), history=history,
                 data_sha256=mnist.sha256(arrays) | people.sha256(collected.specimens),
                 validation=validation, test=test, int8=int8, engine_disagreement=difference, hardships=hardships,
                 resumed=this.resumed, seconds=time.monotonic() - began)  # fmt: skip
    return report.publish(this.artifact, options.store)


def main(argv: list[str] | None = None) -> int:
    """Do what the command line asks, and print the answer.

    Returns:
        The exit status.

    Raises:
        DigitsError: something is missing or broken; its text says what to do.
    """
    # in here, so that a library that is not installed is told of below
    from model_training import arguments, commands

    options = arguments.parse(argv)
    logging.getLogger("model_training").setLevel(logging.WARNING if options.quiet else logging.INFO)
    run = train if options.command == arguments.DEFAULT else commands.COMMANDS[options.command].run
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
