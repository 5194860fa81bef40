"""The averaged weights are what is validated, kept and resumed."""

import dataclasses
import os
import signal
import threading

import keras
import numpy as np

from model_training import presets
from model_training.data import training_set
from model_training.training import architectures, run, trainer
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


def fit(splits, this, preset=PRESET):
    keras.utils.set_random_seed(1)
    standardization = Standardization.fit(splits.train.digits)
    material = training_set.of_preset(preset, splits.train, [], 1)
    network = architectures.build(preset.architecture)
    validation = splits.validation.first(500)
    network, history = trainer.fit(network, material, validation, standardization, preset, 1, this)
    return network, history, standardization(validation.digits), validation.labels


def test_the_weights_that_are_kept_are_those_that_were_validated(splits, tmp_path):
    preset = dataclasses.replace(PRESET, epochs=8)
    this = run.start(tmp_path, preset, 1)
    network, history, digits, labels = fit(splits, this, preset)
    probabilities = network.predict(digits, verbose=0)
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    assert abs(loss - min(epoch["val_loss"] for epoch in history)) < 1e-4
    last = keras.saving.load_model(this.checkpoint)
    assert not same(last, network)
    assert history[-1]["val_accuracy"] > 2 * history[0]["val_accuracy"]


def test_an_interrupted_run_ends_as_if_it_had_not_been(splits, tmp_path):
    preset = dataclasses.replace(PRESET, epochs=12)
    whole, history, *_ = fit(splits, run.start(tmp_path / "whole", preset, 1), preset)
    this = run.start(tmp_path / "cut", preset, 1)

    def interrupt():
        wait_for_epochs(this, 3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    _, cut, *_ = fit(splits, this, preset)
    assert 3 <= len(cut) < 12
    resumed, continued, *_ = fit(splits, run.resume(tmp_path / "cut", preset, 1), preset)
    assert continued == history
    assert same(resumed, whole)
