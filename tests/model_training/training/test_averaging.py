"""Averaged weights are the ones that are validated, kept and resumed."""

import dataclasses
import os
import signal
import threading

import keras
import numpy as np

from model_training import presets
from model_training.data import training_set
from model_training.training import architectures, runs, trainer
from models.inference.standardization import Standardization
from tests.model_training.training.test_trainer import same, wait_for_epochs

PRESET = dataclasses.replace(
    presets.BEST,
    architecture="tiny",
    optimizer=presets.OneCycle(learning_rate=0.01, warmup=0.2, weight_decay=0.01, ema=0.9),
    batch_size=64,
    epochs=200,
    patience=200,
    train_size=256,
    mixture=None,
)


def fit(splits, run):
    """Train; returns the network, the history, and the standardized validation digits with their labels."""
    keras.utils.set_random_seed(1)
    digits = training_set.for_preset(run.preset, 1, splits.train, [])
    standardization = Standardization.fit(splits.train.digits)
    validation = splits.validation.first(500)
    data = training_set.TrainingData(digits, validation, standardization)
    network, history = trainer.fit(architectures.build(run.preset.architecture), data, run)
    return network, history, standardization(validation.digits), validation.labels


def test_the_kept_weights_are_the_validated_ones(splits, tmp_path):
    preset = dataclasses.replace(PRESET, epochs=8)
    run = runs.start(tmp_path, preset, 1)
    network, history, digits, labels = fit(splits, run)
    probabilities = network.predict(digits, verbose=0)
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    assert abs(loss - min(epoch["val_loss"] for epoch in history)) < 1e-4
    last = keras.saving.load_model(run.checkpoint)
    assert not same(last, network)
    assert history[-1]["val_accuracy"] > 2 * history[0]["val_accuracy"]


def test_a_resumed_run_ends_like_an_uninterrupted_one(splits, tmp_path):
    preset = dataclasses.replace(PRESET, epochs=12)
    whole, history, *_ = fit(splits, runs.start(tmp_path / "whole", preset, 1))
    run = runs.start(tmp_path / "cut", preset, 1)

    def interrupt():
        wait_for_epochs(run, 3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    _, cut, *_ = fit(splits, run)
    assert 3 <= len(cut) < 12
    resumed, continued, *_ = fit(splits, runs.resume(tmp_path / "cut", preset, 1))
    assert continued == history
    assert same(resumed, whole)
