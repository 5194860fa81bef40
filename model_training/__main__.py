"""python -m model_training: train on MNIST and publish the version that is served."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from typing import TYPE_CHECKING

from models.errors import DigitsError

if TYPE_CHECKING:
    from model_training.cli.output import CommandOutput

log = logging.getLogger("model_training")


def train(options: argparse.Namespace) -> CommandOutput:
    """Load the data, fit a network, calibrate it, save it, evaluate what was saved, publish it."""
    # imported here, so that --help and the other commands do not wait for TensorFlow
    from model_training.cli import found
    from model_training.cli.train import publish
    from model_training.data import dataset, handwriting, mnist, scripts, training_set
    from model_training.evaluation import metrics, robustness
    from model_training.export import artifact_files
    from model_training.presets import ReaderPreset
    from model_training.reports import training_record
    from model_training.training import architectures, calibration, runs, trainer
    from models.registry import artifact

    if isinstance(options.preset, ReaderPreset):
        from model_training.cli import reader_training

        return reader_training.train(options)
    began = time.monotonic()
    trainer.make_repeatable(options.seed)
    arrays = mnist.load(options.data)
    splits = dataset.split(arrays)
    samples, by_writer = found.read(options.extra, options.store, splits)
    start_or_resume = runs.resume if options.resume else runs.start
    run = start_or_resume(options.runs, options.preset, options.seed, options.extra)

    network = architectures.build(options.preset.architecture)
    network.summary(print_fn=log.info)
    data = training_set.prepare(options.preset, options.seed, splits, by_writer)
    network, history = trainer.fit(network, data, run)

    standardized = data.standardization(data.validation.digits)
    logits = artifact_files.logits_of(network).predict(standardized, batch_size=1000, verbose=0)
    calibrated = calibration.calibrate(logits, data.validation.labels)
    training_digits = data.training_set.joined().digits
    artifact_files.save(run.artifact, network, data.standardization, calibrated, training_digits, data.validation)

    model, int8 = artifact.load(run.artifact), artifact.load(run.artifact, "int8")
    result = training_record.TrainingResult(
        command=options.typed,
        run=run,
        parameters=network.count_params(),
        history=history,
        data_sha256=mnist.sha256(arrays)
        | handwriting.sha256(samples)
        | (scripts.sha256("train") if options.preset.mixture else {}),
        validation=metrics.evaluate(model, splits.validation, "validation"),
        test=metrics.evaluate(model, splits.test, "test"),
        int8=metrics.evaluate(int8, splits.test, "test, int8"),
        engine_disagreement=metrics.disagreement(model, run.artifact, splits.test.digits),
        robustness=robustness.measure(model, by_writer, splits.test if options.preset.mixture else None),
        seconds=time.monotonic() - began,
    )
    training_record.write(result)
    return publish(run.artifact, options.store)


def main(argv: list[str] | None = None) -> int:
    """Run a command and print its output.

    Returns:
        The exit status.

    Raises:
        DigitsError: something is missing or broken; the text says what to do.
    """
    # imported here, so that the handler below can say how to install a missing library
    from model_training.cli import COMMANDS, arguments

    options = arguments.parse(argv)
    log.setLevel(logging.WARNING if options.quiet else logging.INFO)
    run = train if options.command == arguments.DEFAULT else COMMANDS[options.command].run
    output = run(options)
    output.show(as_json=options.json)
    return output.status


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
