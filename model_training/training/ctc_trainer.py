"""Fit a reader of lines, composed while it trains."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from model_training.data import number_set, number_writers
from model_training.data.dataset import Splits
from model_training.data.number_archives import WrittenNumber
from model_training.data.number_set import Batch
from model_training.data.number_writers import Writers
from model_training.data.writers import WriterSplits
from model_training.presets import ReaderPreset
from model_training.training import ctc_network, trainer
from model_training.training.runs import History, Run
from models.inference.standardization import Standardization
from models.numbers.strips import HEIGHT

VALIDATION_SEED, FITTING_SEED = 2026, 2027
FITTED = 2048
"""Training strips on which mean and std are fitted."""
READ_AHEAD = 8
"""Batches composed before they are needed."""


@dataclass(frozen=True)
class LineData:
    """All that a reader is fitted with.

    Attributes:
        writers: of the training part; lines are composed of their digits.
        validation: strips by writers of the validation part, always the same.
        standardization: fitted on strips of the training part.
    """

    writers: Writers
    validation: list[Batch]
    standardization: Standardization


def prepare(
    preset: ReaderPreset, splits: Splits, handwriting: WriterSplits, numbers: Sequence[WrittenNumber]
) -> LineData:
    """Gather the writers of both parts; those of the test part, and those held out, take no part."""
    known = [number for number in numbers if not number.held_out]
    generator = np.random.default_rng(VALIDATION_SEED)
    training = number_writers.gather(splits.train, handwriting.train, known, generator)
    others = number_writers.gather(splits.validation, handwriting.validation, [], generator)
    size = preset.batch_size
    validation = number_set.batches(others, size, (VALIDATION_SEED,))
    few = itertools.islice(number_set.batches(training, size, (FITTING_SEED,)), max(FITTED // size, 1))
    pixels = np.concatenate([batch.strips.ravel() for batch in few])
    return LineData(
        training, list(itertools.islice(validation, preset.validation // size)), Standardization.fit(pixels)
    )


def fit(network: keras.Sequential, data: LineData, run: Run) -> tuple[keras.Sequential, History]:
    """Train the reader; a resumed run takes the steps that the interrupted one would have taken."""
    preset = run.preset
    assert isinstance(preset, ReaderPreset)

    def composed(first_epoch: int) -> Iterator[Batch]:
        for epoch in itertools.count(first_epoch):
            batches = number_set.batches(data.writers, preset.batch_size, (run.seed, epoch))
            yield from itertools.islice(batches, preset.steps)

    def training(first_epoch: int) -> tf.data.Dataset:
        return _dataset(lambda: composed(first_epoch), data.standardization).prefetch(READ_AHEAD)

    validation = _dataset(lambda: iter(data.validation), data.standardization).cache()
    validation = validation.apply(tf.data.experimental.assert_cardinality(len(data.validation)))
    batches = trainer.Batches(preset.steps, training, validation)
    return trainer.fit_batches(network, batches, run, ctc_network.loss, ctc_network.accuracy)


def _dataset(batches: Callable[[], Iterator[Batch]], standardization: Standardization) -> tf.data.Dataset:
    signature = tf.TensorSpec((None, HEIGHT, None), tf.uint8), tf.TensorSpec((None, None), tf.int32)
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return dataset.map(
        lambda strips, labels: (trainer.standardize(tf.cast(strips, tf.float32), standardization), labels)
    )
