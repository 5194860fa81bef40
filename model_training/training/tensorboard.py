"""Log a run for TensorBoard: curves, histograms, the graph, and hyper-parameters beside those of other runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams

from model_training.training.runs import Run


def callbacks(run: Run) -> list[keras.callbacks.Callback]:
    """Return the callbacks that write a run's logs while it trains."""
    return [
        keras.callbacks.TensorBoard(run.tensorboard, histogram_freq=1, write_graph=False),
        Graph(run.tensorboard),
        HyperParameters(run),
    ]


class Graph(keras.callbacks.Callback):
    """Log the network's graph from digits to probabilities.

    Keras' own callback logs its configuration instead of a graph, and TensorBoard cannot read Keras 3's.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        digits = tf.TensorSpec((None, *self.model.input_shape[1:]), tf.float32, "digits")

        @tf.function
        def through_layers(values: tf.Tensor) -> tf.Tensor:
            for layer in self.model.layers:  # calling the model itself would show it as a single node
                values = layer(values)
            return values

        with tf.summary.create_file_writer(str(self._directory / "train")).as_default(step=0):
            tf.summary.graph(through_layers.get_concrete_function(digits).graph)


class HyperParameters(keras.callbacks.Callback):
    """Log the preset, the seed, and the validation loss and accuracy of each epoch."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._writer = tf.summary.create_file_writer(str(self._run.tensorboard / "hparams"))
        settings = dict(_flat(asdict(self._run.preset))) | {"seed": self._run.seed}
        with self._writer.as_default():
            hparams.hparams(settings, trial_id=self._run.directory.name)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        with self._writer.as_default(step=epoch):
            for name in ("val_loss", "val_accuracy"):
                tf.summary.scalar(name, (logs or {})[name])
        self._writer.flush()


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Flatten nested values to names like `optimizer.learning_rate`, without those that are None."""
    pairs = []
    for key, value in values.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        elif value is not None:
            pairs.append((prefix + key, value))
    return pairs
