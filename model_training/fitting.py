"""Training: the batches and the loop."""

from __future__ import annotations

import json
import logging
import math

import keras
import tensorflow as tf

from model_training import callbacks, config
from model_training.dataset import Split, Splits
from model_training.run import History, Run
from models.errors import DigitsError
from models.standardization import Standardization

VALIDATION_BATCH = 1000

log = logging.getLogger(__name__)


class NothingLearned(DigitsError):
    """Interrupted before the first epoch ended: there is no model to save."""


def fit(
    network: keras.Sequential,
    splits: Splits,
    standardization: Standardization,
    preset: config.Preset,
    seed: int,
    run: Run,
) -> tuple[keras.Sequential, History]:
    """Train until the validation loss no longer falls, and return the best weights.

    A resumed run takes the very steps that the interrupted one would have taken.

    Args:
        network: with fresh weights; replaced by the checkpoint if the run is resumed.
        splits: raw digits.
        standardization: fitted on the training split.
        preset: optimizer, batch size, epochs, patience.
        seed: of the order of the digits.
        run: where checkpoints and logs go.

    Returns:
        The network with the weights of its best epoch, and the history of every epoch.

    Raises:
        NothingLearned: interrupted in the first epoch.
    """
    train = splits.train.first(preset.train_size)
    steps = math.ceil(len(train) / preset.batch_size)
    history: History = []
    if run.resumed:
        network = keras.saving.load_model(run.checkpoint)
        epochs_done = int(network.optimizer.iterations) // steps
        history = [json.loads(line) for line in run.history.read_text().splitlines()][:epochs_done]
    else:
        network.compile(optimizer=optimizer(preset.optimizer), loss="categorical_crossentropy", metrics=["accuracy"])
    try:
        network.fit(
            training_batches(train, standardization, preset.batch_size, seed, first_epoch=len(history)),
            validation_data=validation_batches(splits.validation, standardization),
            steps_per_epoch=steps,
            initial_epoch=len(history),
            epochs=preset.epochs,
            shuffle=False,
            verbose=0,
            callbacks=[
                callbacks.Progress(history),
                callbacks.Dropouts(seed),
                callbacks.best_weights(run, history),
                callbacks.Patience(preset.patience, history),
                callbacks.Checkpoint(run, history),
                keras.callbacks.TensorBoard(run.tensorboard),
                callbacks.Interrupt(),
            ],
        )
    except KeyboardInterrupt:
        if not history:
            raise NothingLearned("interrupted before the first epoch ended; nothing was saved") from None
        log.warning("Interrupted after %d of %d epochs; saving the best so far.", len(history), preset.epochs)
    network.load_weights(run.best_weights)
    return network, history


def optimizer(settings: config.Sgd | config.Adam) -> keras.optimizers.Optimizer:
    """The Keras optimizer of a preset."""
    match settings:
        case config.Sgd(learning_rate, momentum, decay):
            schedule = keras.optimizers.schedules.InverseTimeDecay(learning_rate, decay_steps=1, decay_rate=decay)
            return keras.optimizers.SGD(schedule, momentum=momentum)
        case config.Adam(learning_rate):
            return keras.optimizers.Adam(learning_rate)


def training_batches(
    split: Split, standardization: Standardization, batch_size: int, seed: int, first_epoch: int
) -> tf.data.Dataset:
    """Endless batches of ((b, 28, 28) float32, (b, 10) one-hot); each epoch's order depends on seed and epoch alone."""
    digits, labels = tf.constant(split.digits), tf.constant(split.labels)

    def shuffled(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(tf.range(len(split)), seed=tf.stack([seed, epoch]))
        return tf.data.Dataset.from_tensor_slices(order).batch(batch_size)

    def gather(indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return standardized(tf.gather(digits, indices), standardization), tf.one_hot(tf.gather(labels, indices), 10)

    epochs = tf.data.Dataset.counter(start=first_epoch)
    return epochs.flat_map(shuffled).map(gather, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)


def validation_batches(split: Split, standardization: Standardization) -> tf.data.Dataset:
    """The split once, in batches of ((b, 28, 28) float32, (b, 10) one-hot)."""
    labels = tf.one_hot(split.labels, 10)
    return tf.data.Dataset.from_tensor_slices((standardization(split.digits), labels)).batch(VALIDATION_BATCH).cache()


def standardized(digits: tf.Tensor, standardization: Standardization) -> tf.Tensor:
    """Standardization in TensorFlow's graph."""
    return (tf.cast(digits, tf.float32) - standardization.mean) / standardization.std
