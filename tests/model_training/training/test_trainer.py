"""Training is repeatable, and neither a kill nor Ctrl-C loses more than an epoch."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest

from model_training import presets
from model_training.data import training_set
from model_training.training import architectures, runs, trainer
from models.inference.standardization import Standardization

PRESET = dataclasses.replace(presets.TINY, epochs=6, train_size=200, patience=6)
ENDLESS = dataclasses.replace(PRESET, epochs=100_000, patience=100_000)

TRAIN_FOREVER = """
import pathlib, sys
from model_training.data import dataset, mnist
from model_training.training import runs
from tests.model_training.training.test_trainer import ENDLESS, fit
fit(dataset.split(mnist.load()), runs.start(pathlib.Path(sys.argv[1]), ENDLESS, 1))
"""


def fit(splits, run):
    trainer.make_repeatable(1)
    digits = training_set.for_preset(run.preset, 1, splits.train, [])
    validation, standardization = splits.validation.first(200), Standardization.fit(splits.train.digits)
    data = training_set.TrainingData(digits, validation, standardization)
    return trainer.fit(architectures.build(run.preset.architecture), data, run)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def wait_until(happened):
    """Wait until `happened()` is true; returns what it returns."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if result := happened():
            return result
        time.sleep(0.01)
    raise AssertionError("not within a minute")


def wait_for_epochs(run, n):
    wait_until(lambda: run.history.exists() and len(run.history.read_text().splitlines()) >= n)


def test_the_same_seed_gives_the_same_weights(splits, tmp_path):
    one, history = fit(splits, runs.start(tmp_path, PRESET, 1))
    other, again = fit(splits, runs.start(tmp_path, PRESET, 1))
    assert same(one, other)
    assert history == again
    assert len(history) == 6


def test_the_best_weights_are_kept_in_a_file_of_their_own(splits, tmp_path):
    run = runs.start(tmp_path, PRESET, 1)
    network, history = fit(splits, run)
    best = architectures.build("tiny")
    best.load_weights(run.best_weights)
    assert same(best, network)
    assert keras.saving.load_model(run.checkpoint).optimizer.iterations == 6 * 4
    assert [json.loads(line) for line in run.history.read_text().splitlines()] == history
    assert list(run.tensorboard.rglob("*tfevents*"))


def test_a_killed_run_resumes_and_ends_like_an_uninterrupted_one(splits, tmp_path):
    whole, history = fit(splits, runs.start(tmp_path / "whole", PRESET, 1))
    killed = subprocess.Popen([sys.executable, "-c", TRAIN_FOREVER, str(tmp_path / "killed")])
    try:
        settings = wait_until(lambda: list(tmp_path.glob("killed/*/run.json")))
        assert killed.poll() is None
        wait_for_epochs(runs.Run(settings[0].parent, ENDLESS, 1), 2)
    finally:
        killed.kill()
        killed.wait()
    run = runs.resume(tmp_path / "killed", ENDLESS, 1)
    done = len(run.history.read_text().splitlines())
    ending = dataclasses.replace(ENDLESS, epochs=done + 3)
    resumed, continued = fit(splits, dataclasses.replace(run, preset=ending))
    assert len(continued) == done + 3
    assert continued[:6] == history[: len(continued)][:6]
    longer, expected = fit(splits, runs.start(tmp_path / "longer", ending, 1))
    assert continued == expected
    assert same(resumed, longer)
    assert whole.count_params() == longer.count_params()


def test_ctrl_c_leaves_the_best_weights_so_far(splits, tmp_path):
    run = runs.start(tmp_path, ENDLESS, 1)

    def interrupt():
        wait_for_epochs(run, 3)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)  # not always Python's own: shells ignore it for background processes
    threading.Thread(target=interrupt).start()
    network, history = fit(splits, run)
    best = architectures.build("tiny")
    best.load_weights(run.best_weights)
    assert 3 <= len(history) < 100_000
    assert same(network, best)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_the_first_epoch_says_that_nothing_was_saved(splits, tmp_path):
    run = runs.start(tmp_path, dataclasses.replace(PRESET, train_size=50_000, batch_size=1), 1)

    def interrupt():
        wait_until(lambda: list(run.tensorboard.rglob("*tfevents*")))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(trainer.NothingLearned, match="nothing was saved"):
        fit(splits, run)


def test_training_stops_when_patience_is_over(splits, tmp_path):
    hopeless = dataclasses.replace(PRESET, optimizer=presets.Sgd(0.0, 0.0, 0.0), epochs=50, patience=2)
    _, history = fit(splits, runs.start(tmp_path, hopeless, 1))
    assert len(history) == 3


def test_resuming_needs_an_unfinished_run(tmp_path):
    with pytest.raises(runs.RunError, match="no unfinished run of preset tiny with seed 1"):
        runs.resume(tmp_path, PRESET, 1)
    runs.start(tmp_path, PRESET, 1)
    with pytest.raises(runs.RunError, match="leave out --resume to start one"):
        runs.resume(tmp_path, PRESET, 1)
