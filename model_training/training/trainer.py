"""Training: the batches and the loop."""

from __future__ import annotations

import json
import logging
import math

import keras
import numpy as np
import tensorflow as tf

from model_training import presets
from model_training.data.dataset import Split
from model_training.data.training_set import Corpus
from model_training.training import augmentation, callbacks, tensorboard
from model_training.training.run import History, Run
from models.errors import DigitsError
from models.inference.standardization import Standardization

VALIDATION_BATCH = 1000

log = logging.getLogger(__name__)


class NothingLearned(DigitsError):
    """Interrupted before the first epoch ended: there is no model to save."""


def make_repeatable(seed: int) -> None:
    """Same seed, same machine, same weights, to the last bit."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit(
    network: keras.Sequential,
    corpus: Corpus,
    validation: Split,
    standardization: Standardization,
    preset: presets.Preset,
    seed: int,
    run: Run,
) -> tuple[keras.Sequential, History]:
    """Train until the validation loss no longer falls, and return the best weights.

    A resumed run takes the very steps that the interrupted one would have taken.

    Args:
        network: with fresh weights; replaced by the checkpoint if the run is resumed.
        corpus: what is trained on.
        validation: real digits, by whose loss the best epoch is chosen.
        standardization: fitted on the training split.
        preset: optimizer, batch size, epochs, patience, augmentation.
        seed: of the order of the digits and of their augmentation.
        run: where checkpoints and logs go.

    Returns:
        The network with the weights of its best epoch, and the history of every epoch.

    Raises:
        NothingLearned: interrupted in the first epoch.
    """
    steps = math.ceil(corpus.per_epoch / preset.batch_size)
    classes = network.output_shape[-1]
    history: History = []
    if run.resumed:
        network = keras.saving.load_model(run.checkpoint)
        epochs_done = int(network.optimizer.iterations) // steps
        history = [json.loads(line) for line in run.history.read_text().splitlines()][:epochs_done]
    else:
        network.compile(
            optimizer=optimizer(preset.optimizer, steps * preset.epochs),
            loss="categorical_crossentropy",
            metrics=["accuracy"],
        )
    try:
        network.fit(
            training_batches(corpus, standardization, preset, classes, seed, first_epoch=len(history)),
            validation_data=validation_batches(validation, standardization, classes),
            steps_per_epoch=steps,
            initial_epoch=len(history),
            epochs=preset.epochs,
            shuffle=False,
            verbose=0,
            callbacks=[
                callbacks.Interrupt(),
                callbacks.Progress(history),
                callbacks.Dropouts(seed),
                callbacks.BestWeights(run, history),
                *([keras.callbacks.SwapEMAWeights()] if network.optimizer.use_ema else []),
                callbacks.Patience(preset.patience, history),
                callbacks.Checkpoint(run, history),
                *tensorboard.callbacks(run.tensorboard, preset, seed),
            ],
        )
    except KeyboardInterrupt:
        if not history:
            raise NothingLearned("interrupted before the first epoch ended; nothing was saved") from None
        log.warning("Interrupted after %d of %d epochs; saving the best so far.", len(history), preset.epochs)
    network.load_weights(run.best_weights)
    return network, history


def optimizer(settings: presets.Sgd | presets.Adam | presets.OneCycle, steps: int) -> keras.optimizers.Optimizer:
    """The Keras optimizer of a preset, for a run of that many steps."""
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
    corpus: Corpus, standardization: Standardization, preset: presets.Preset, classes: int, seed: int, first_epoch: int
) -> tf.data.Dataset:
    """Endless batches of ((b, 28, 28) float32, (b, classes) one-hot).

    What an epoch takes of each part, its order and how it is augmented depend on seed and epoch alone.
    """
    joined = corpus.joined()
    digits, labels = tf.constant(joined.digits), tf.constant(joined.labels)
    starts = np.cumsum([0, *(len(part.split) for part in corpus.parts)])

    def chosen(seed: tf.Tensor) -> tf.Tensor:
        """Indices of the digits of one epoch."""
        taken = []
        for part, start in zip(corpus.parts, starts, strict=False):
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
        return standardized(grey, standardization), tf.one_hot(tf.gather(labels, indices), classes)

    epochs = tf.data.Dataset.counter(start=first_epoch)
    return epochs.flat_map(batches).map(gather, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)


def validation_batches(split: Split, standardization: Standardization, classes: int) -> tf.data.Dataset:
    """The split once, in batches of ((b, 28, 28) float32, (b, classes) one-hot)."""
    labels = tf.one_hot(split.labels, classes)
    return tf.data.Dataset.from_tensor_slices((standardization(split.digits), labels)).batch(VALIDATION_BATCH).cache()


def standardized(grey: tf.Tensor, standardization: Standardization) -> tf.Tensor:
    """Standardization in TensorFlow's graph."""
    return (grey - standardization.mean) / standardization.std
