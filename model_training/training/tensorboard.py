"""What TensorBoard shows of a run: curves, histograms, the graph, and its hyper-parameters beside those of others."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams

from model_training.presets import Preset


def callbacks(directory: Path, preset: Preset, seed: int) -> list[keras.callbacks.Callback]:
    """What writes into a run's directory while it trains."""
    return [
        keras.callbacks.TensorBoard(directory, histogram_freq=1, write_graph=False),
        Graph(directory),
        HyperParameters(directory, preset, seed),
    ]


class Graph(keras.callbacks.Callback):
    """The network from digits to probabilities.

    Keras' own callback writes its configuration in place of a graph, and TensorBoard cannot read Keras 3's.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        digits = tf.TensorSpec((None, *self.model.input_shape[1:]), tf.float32, "digits")

        @tf.function
        def through_layers(values: tf.Tensor) -> tf.Tensor:
            for layer in self.model.layers:  # not the model itself, which would be one box to open
                values = layer(values)
            return values

        with tf.summary.create_file_writer(str(self._directory / "train")).as_default(step=0):
            tf.summary.graph(through_layers.get_concrete_function(digits).graph)


class HyperParameters(keras.callbacks.Callback):
    """The preset, the seed, and how well each epoch of them read the validation split."""

    def __init__(self, directory: Path, preset: Preset, seed: int) -> None:
        super().__init__()
        self._directory = directory
        self._values = dict(flat(asdict(preset))) | {"seed": seed}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._writer = tf.summary.create_file_writer(str(self._directory / "hparams"))
        with self._writer.as_default():
            hparams.hparams(self._values, trial_id=self._directory.parent.name)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        with self._writer.as_default(step=epoch):
            for name in ("val_loss", "val_accuracy"):
                tf.summary.scalar(name, (logs or {})[name])
        self._writer.flush()


def flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested values side by side, `optimizer.learning_rate`; what is None is left out."""
    pairs = []
    for key, value in values.items():
        if isinstance(value, dict):
            pairs += flat(value, f"{prefix}{key}.")
        elif value is not None:
            pairs.append((prefix + key, value))
    return pairs
