"""A preset varied: another learning rate, wider or narrower layers, more or less dropout and augmentation."""

from __future__ import annotations

import logging
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from model_training.data import dataset, handwriting, mnist, training_set, writers
from model_training.data.dataset import Split
from model_training.data.training_set import Corpus
from model_training.presets import Preset
from model_training.training import architectures, run, trainer
from models.inference.standardization import Standardization

log = logging.getLogger(__name__)


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


@dataclass(frozen=True)
class Bench:
    """All that the variations of one search have in common; drawn once, since drawing people's digits takes minutes.

    Attributes:
        preset: that is varied.
        seed: of every training.
        material: what is trained on.
        held_out: the digits that judge.
        standardization: of MNIST's training split.
    """

    preset: Preset
    seed: int
    material: Corpus
    held_out: Split
    standardization: Standardization

    def measure(self, variation: Variation) -> Outcome:
        """Train a variation; it leaves nothing on disk.

        Raises:
            KeyboardInterrupt: Ctrl-C ended the training early.
            NothingLearned: Ctrl-C ended it in its first epoch.
        """
        began = time.monotonic()
        trainer.make_repeatable(self.seed)
        optimizer = replace(self.preset.optimizer, learning_rate=variation.learning_rate)
        varied = replace(self.preset, optimizer=optimizer, augmented=variation.augmented)
        network = build(varied.architecture, variation)
        with tempfile.TemporaryDirectory(prefix="digits-") as scratch:
            this = run.start(Path(scratch), varied, self.seed)
            _, history = trainer.fit(
                network, self.material, self.held_out, self.standardization, varied, self.seed, this
            )
        best = min(range(len(history)), key=lambda epoch: history[epoch]["val_loss"])
        if len(history) < varied.epochs and len(history) - 1 - best < varied.patience:
            raise KeyboardInterrupt
        return Outcome(
            loss=history[best]["val_loss"],
            accuracy=history[best]["val_accuracy"],
            parameters=network.count_params(),
            epochs=len(history),
            seconds=round(time.monotonic() - began, 1),
        )


def prepare(preset: Preset, seed: int, data: Path | None, extra: list[Path]) -> Bench:
    """Read and draw what `train` would train on and be judged by; MNIST's test split is not among it.

    Args:
        preset: that is varied.
        seed: of every training.
        data: a folder with MNIST; None: the cache or a download.
        extra: where people's digits are.
    """
    splits = dataset.split(mnist.load(data))
    collected = handwriting.read(extra)
    for complaint in collected.unreadable:
        log.warning("Left out: %s", complaint)
    hands = writers.split(collected.specimens)
    return Bench(
        preset,
        seed,
        training_set.of_preset(preset, splits.train, hands.train, seed),
        training_set.held_out(splits.validation, hands.validation),
        Standardization.fit(splits.train.digits),
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
