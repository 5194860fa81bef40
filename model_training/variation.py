"""A preset varied: another learning rate, wider or narrower layers, more or less dropout and augmentation."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from model_training import architectures, corpus, fitting, run
from model_training.config import Preset
from model_training.dataset import Split
from models.standardization import Standardization


@dataclass(frozen=True)
class Variation:
    """What a search changes of a preset."""

    learning_rate: float
    width: float  # factor of the filters and units of every layer but the last
    dropout: float  # rate of every Dropout
    augmented: float  # share of every batch that is redrawn by another hand


@dataclass(frozen=True)
class Outcome:
    """How well a variation reads the validation split, after the epoch with the lowest loss there."""

    loss: float
    accuracy: float
    parameters: int
    epochs: int
    seconds: float
    node: str = ""  # of the Ray cluster that trained it; empty: none, it was trained in this process


def measure(preset: Preset, variation: Variation, seed: int, train: Split, validation: Split) -> Outcome:
    """Train a variation; it leaves nothing on disk.

    Raises:
        KeyboardInterrupt: Ctrl-C ended the training early.
        NothingLearned: Ctrl-C ended it in its first epoch.
    """
    began = time.monotonic()
    fitting.make_repeatable(seed)
    optimizer = replace(preset.optimizer, learning_rate=variation.learning_rate)
    varied = replace(preset, optimizer=optimizer, augmented=variation.augmented)
    network = build(preset.architecture, variation)
    material = corpus.of_preset(varied, train, [], seed)
    with tempfile.TemporaryDirectory(prefix="digits-") as scratch:
        this = run.start(Path(scratch), varied, seed)
        _, history = fitting.fit(network, material, validation, Standardization.fit(train.digits), varied, seed, this)
    best = min(range(len(history)), key=lambda epoch: history[epoch]["val_loss"])
    if len(history) < preset.epochs and len(history) - 1 - best < preset.patience:
        raise KeyboardInterrupt
    return Outcome(
        loss=history[best]["val_loss"],
        accuracy=history[best]["val_accuracy"],
        parameters=network.count_params(),
        epochs=len(history),
        seconds=round(time.monotonic() - began, 1),
    )


def build(architecture: str, variation: Variation) -> keras.Sequential:
    """The architecture's list of layers with other sizes and rates, and fresh weights."""
    layers = [_varied(layer, variation) for layer in architectures.ARCHITECTURES[architecture]()]
    return keras.Sequential([keras.Input((28, 28)), *layers], name=architecture)


def _varied(layer: keras.layers.Layer, variation: Variation) -> keras.layers.Layer:
    settings = layer.get_config()
    for size in ("filters", "units"):
        if size in settings and layer.name != "logits":
            settings[size] = max(1, round(settings[size] * variation.width))
    if isinstance(layer, keras.layers.Dropout):
        settings["rate"] = variation.dropout
    return type(layer).from_config(settings)
