"""One trial: train a preset with other hyper-parameters and measure it on the validation digits."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from model_training.data.training_set import TrainingData
from model_training.presets import Preset
from model_training.training import architectures, runs, trainer


@dataclass(frozen=True)
class HyperParameters:
    """The settings that a search varies."""

    learning_rate: float
    width: float  # factor on the filters and units of every layer but the last
    dropout: float  # rate of every Dropout
    augmented: float  # share of each batch that is augmented


@dataclass(frozen=True)
class Outcome:
    """How well a trial reads the validation digits, after the epoch with the lowest loss."""

    loss: float
    accuracy: float
    parameters: int
    epochs: int
    seconds: float
    node: str = ""  # of the Ray cluster; empty if trained in this process


@dataclass(frozen=True)
class Objective:
    """What all trials of a search share; the data is rendered once, because handwriting takes minutes.

    Attributes:
        preset: to vary.
        seed: of every training.
        data: to train and validate on.
    """

    preset: Preset
    seed: int
    data: TrainingData

    def measure(self, chosen: HyperParameters) -> Outcome:
        """Train with other hyper-parameters; leaves nothing on disk.

        Raises:
            KeyboardInterrupt: Ctrl-C ended the training early.
            NothingLearned: Ctrl-C ended it in its first epoch.
        """
        began = time.monotonic()
        trainer.make_repeatable(self.seed)
        optimizer = replace(self.preset.optimizer, learning_rate=chosen.learning_rate)
        preset = replace(self.preset, optimizer=optimizer, augmented=chosen.augmented)
        network = build(preset.architecture, chosen)
        with tempfile.TemporaryDirectory(prefix="digits-") as scratch:
            _, history = trainer.fit(network, self.data, runs.start(Path(scratch), preset, self.seed))
        best = runs.best_epoch(history)
        if len(history) < preset.epochs and len(history) - 1 - best < preset.patience:
            raise KeyboardInterrupt  # the trainer has swallowed it to save the best so far
        return Outcome(
            loss=history[best]["val_loss"],
            accuracy=history[best]["val_accuracy"],
            parameters=network.count_params(),
            epochs=len(history),
            seconds=round(time.monotonic() - began, 1),
        )


def build(architecture: str, chosen: HyperParameters) -> keras.Sequential:
    """Build an architecture with other sizes and dropout rates, and fresh weights."""
    layers = [_vary(layer, chosen) for layer in architectures.ARCHITECTURES[architecture]()]
    return keras.Sequential([keras.Input((28, 28)), *layers], name=architecture)


def _vary(layer: keras.layers.Layer, chosen: HyperParameters) -> keras.layers.Layer:
    settings = layer.get_config()
    for size in ("filters", "units"):
        if size in settings and layer.name != "logits":
            settings[size] = max(1, round(settings[size] * chosen.width))
    if isinstance(layer, keras.layers.Dropout):
        settings["rate"] = chosen.dropout
    return type(layer).from_config(settings)
