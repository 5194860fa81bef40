"""Fit a network: the batches and the training loop."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from model_training import presets, progress
from model_training.data.dataset import Split
from model_training.data.training_set import TrainingData
from model_training.training import augmentation, callbacks, tensorboard
from model_training.training.runs import History, Run
from models.errors import DigitsError
from models.inference.standardization import Standardization

VALIDATION_BATCH = 1000

log = logging.getLogger(__name__)


Loss = str | Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""A name that Keras knows, or a function of what is right and what the network gives."""


@dataclass(frozen=True)
class Batches:
    """What a network is trained on and validated on.

    Attributes:
        steps: batches in an epoch.
        training: gives the endless batches from an epoch on; seed and epoch alone decide what is in them.
        validation: the batches that choose the best epoch.
    """

    steps: int
    training: Callable[[int], tf.data.Dataset]
    validation: tf.data.Dataset


class NothingLearned(DigitsError):
    """The training was interrupted in its first epoch, so there is no model to save."""


def make_repeatable(seed: int) -> None:
    """Make training deterministic: the same seed on the same machine gives the same weights, to the last bit."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit(network: keras.Sequential, data: TrainingData, run: Run) -> tuple[keras.Sequential, History]:
    """Train until the validation loss stops falling, then restore the best weights.

    A resumed run takes exactly the steps that the interrupted one would have taken.

    Args:
        network: with fresh weights; a resumed run loads its checkpoint instead.
        data: what it trains on and is validated on.
        run: the preset, the seed, and where checkpoints and logs go.

    Returns:
        The network with the weights of its best epoch, and the history of all epochs.

    Raises:
        NothingLearned: interrupted in the first epoch.
    """
    preset = run.preset
    steps = math.ceil(data.training_set.per_epoch / preset.batch_size)
    classes = network.output_shape[-1]
    batches = Batches(
        steps,
        lambda first_epoch: training_batches(data, preset, classes, run.seed, first_epoch),
        validation_batches(data.validation, data.standardization, classes),
    )
    return fit_batches(network, batches, run, "categorical_crossentropy", "accuracy")


def fit_batches(
    network: keras.Sequential, batches: Batches, run: Run, loss: Loss, accuracy: Loss
) -> tuple[keras.Sequential, History]:
    """Do as `fit` with any batches, and the loss and accuracy that Keras takes."""
    preset, steps = run.preset, batches.steps
    history: History = []
    if run.resumed:
        network = keras.saving.load_model(run.checkpoint)
        epochs_done = int(network.optimizer.iterations) // steps
        history = [json.loads(line) for line in run.history.read_text().splitlines()][:epochs_done]
    else:
        network.compile(optimizer=optimizer(preset.optimizer, steps * preset.epochs), loss=loss, metrics=[accuracy])
    try:
        with progress.bar("training", preset.epochs * steps, len(history) * steps) as bar:
            network.fit(
                batches.training(len(history)),
                validation_data=batches.validation,
                steps_per_epoch=steps,
                initial_epoch=len(history),
                epochs=preset.epochs,
                shuffle=False,
                verbose=0,
                callbacks=[
                    callbacks.Interrupt(),
                    callbacks.Progress(bar),
                    callbacks.DropoutSeeds(run.seed),
                    callbacks.BestWeights(run, history),
                    *([keras.callbacks.SwapEMAWeights()] if network.optimizer.use_ema else []),
                    callbacks.Patience(preset.patience, history),
                    callbacks.Checkpoint(run, history),
                    *tensorboard.callbacks(run),
                ],
            )
    except KeyboardInterrupt:
        if not history:
            raise NothingLearned("interrupted before the first epoch ended; nothing was saved") from None
        log.warning("Interrupted after %d of %d epochs; saving the best so far.", len(history), preset.epochs)
    network.load_weights(run.best_weights)
    return network, history


def optimizer(settings: presets.Sgd | presets.Adam | presets.OneCycle, steps: int) -> keras.optimizers.Optimizer:
    """Build the Keras optimizer of a preset for a run of that many steps."""
    match settings:
        case presets.Sgd(learning_rate, momentum, decay):
            schedule = keras.optimizers.schedules.InverseTimeDecay(learning_rate, decay_steps=1, decay_rate=decay)
            return keras.optimizers.SGD(schedule, momentum=momentum)
        case presets.Adam(learning_rate):
            return keras.optimizers.Adam(learning_rate)
        case presets.OneCycle(learning_rate, warmup, weight_decay, ema):
            rising = round(warmup * steps)
            schedule = keras.optimizers.schedules.CosineDecay(
                learning_rate / 10, steps - rising, warmup_target=learning_rate, warmup_steps=rising
            )
            return keras.optimizers.AdamW(
                schedule, weight_decay=weight_decay, use_ema=ema is not None, ema_momentum=ema or 0.99
            )


def training_batches(
    data: TrainingData, preset: presets.Preset, classes: int, seed: int, first_epoch: int
) -> tf.data.Dataset:
    """Yield endless batches of ((b, 28, 28) float32, (b, classes) one-hot).

    Seed and epoch alone decide which digits an epoch takes of each part, their order and their augmentation.
    """
    parts, joined = data.training_set.parts, data.training_set.joined()
    digits, labels = tf.constant(joined.digits), tf.constant(joined.labels)
    starts = np.cumsum([0, *(len(part.split) for part in parts)])

    def chosen(seed: tf.Tensor) -> tf.Tensor:
        """Choose and shuffle the digits of one epoch; returns their indices."""
        taken = []
        for part, start in zip(parts, starts, strict=False):
            indices = tf.range(start, start + len(part.split))
            if part.per_epoch < len(part.split):
                indices = tf.random.experimental.stateless_shuffle(indices, seed)[: part.per_epoch]
            taken.append(indices)
        return tf.random.experimental.stateless_shuffle(tf.concat(taken, 0), seed)

    def batches(epoch: tf.Tensor) -> tf.data.Dataset:
        seed_of_epoch = tf.stack([seed, epoch])
        indices = tf.data.Dataset.from_tensor_slices(chosen(seed_of_epoch)).batch(preset.batch_size)
        return indices.enumerate().map(
            lambda n, batch: (tf.random.experimental.stateless_fold_in(seed_of_epoch, n), batch)
        )

    def gather(seed_of_batch: tf.Tensor, indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        grey = tf.cast(tf.gather(digits, indices), tf.float32)
        if preset.augmented:
            grey = 255 * augmentation.augment(grey / 255, preset.augmented, seed_of_batch)
        return standardize(grey, data.standardization), tf.one_hot(tf.gather(labels, indices), classes)

    epochs = tf.data.Dataset.counter(start=first_epoch)
    return epochs.flat_map(batches).map(gather, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)


def validation_batches(split: Split, standardization: Standardization, classes: int) -> tf.data.Dataset:
    """Yield the split once, in batches of ((b, 28, 28) float32, (b, classes) one-hot)."""
    labels = tf.one_hot(split.labels, classes)
    return tf.data.Dataset.from_tensor_slices((standardization(split.digits), labels)).batch(VALIDATION_BATCH).cache()


def standardize(grey: tf.Tensor, standardization: Standardization) -> tf.Tensor:
    """Standardize inside TensorFlow's graph."""
    return (grey - standardization.mean) / standardization.std
