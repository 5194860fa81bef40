"""Nothing is lost: a kill, a Ctrl-C, a resume."""

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
from model_training.training import architectures, run, trainer
from models.inference.standardization import Standardization

PRESET = dataclasses.replace(presets.TINY, epochs=6, train_size=200, patience=6)

TRAIN_FOREVER = """
import dataclasses, pathlib, sys
from model_training import dataset, fitting, mnist, run
from tests.model_training import test_fitting
fitting.make_repeatable(1)
preset = dataclasses.replace(test_fitting.PRESET, epochs=100_000, patience=100_000)
test_fitting.fit(dataset.split(mnist.load()), run.start(pathlib.Path(sys.argv[1]), preset, 1), preset)
"""


def fit(splits, this, preset=PRESET):
    trainer.make_repeatable(1)
    standardization = Standardization.fit(splits.train.digits)
    material = training_set.of_preset(preset, splits.train, [], 1)
    network = architectures.build(preset.architecture)
    return trainer.fit(network, material, splits.validation.first(200), standardization, preset, 1, this)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def wait_until(happened):
    """What `happened()` returns, once it is true."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if result := happened():
            return result
        time.sleep(0.01)
    raise AssertionError("it did not happen within a minute")


def wait_for_epochs(this, n):
    wait_until(lambda: this.history.exists() and len(this.history.read_text().splitlines()) >= n)


def test_the_same_seed_gives_the_same_weights(splits, tmp_path):
    one, history = fit(splits, run.start(tmp_path, PRESET, 1))
    other, again = fit(splits, run.start(tmp_path, PRESET, 1))
    assert same(one, other)
    assert history == again
    assert len(history) == 6


def test_the_best_weights_are_kept_alone_and_whole(splits, tmp_path):
    this = run.start(tmp_path, PRESET, 1)
    network, history = fit(splits, this)
    alone = architectures.build("tiny")
    alone.load_weights(this.best_weights)
    assert same(alone, network)
    assert keras.saving.load_model(this.checkpoint).optimizer.iterations == 6 * 4
    assert [json.loads(line) for line in this.history.read_text().splitlines()] == history
    assert list(this.tensorboard.rglob("*tfevents*"))


def test_a_killed_run_resumes_and_ends_as_if_it_had_not_been(splits, tmp_path):
    whole, history = fit(splits, run.start(tmp_path / "whole", PRESET, 1))
    killed = subprocess.Popen([sys.executable, "-c", TRAIN_FOREVER, str(tmp_path / "killed")])
    try:
        settings = wait_until(lambda: list(tmp_path.glob("killed/*/run.json")))
        assert killed.poll() is None
        wait_for_epochs(run.Run(settings[0].parent, resumed=False), 2)
    finally:
        killed.kill()
        killed.wait()
    preset = dataclasses.replace(PRESET, epochs=100_000, patience=100_000)
    this = run.resume(tmp_path / "killed", preset, 1)
    done = len(this.history.read_text().splitlines())
    resumed, continued = fit(splits, this, dataclasses.replace(PRESET, epochs=done + 3, patience=100_000))
    assert len(continued) == done + 3
    assert continued[:6] == history[: len(continued)][:6]
    longer, expected = fit(
        splits,
        run.start(tmp_path / "longer", PRESET, 1),
        dataclasses.replace(PRESET, epochs=done + 3, patience=100_000),
    )
    assert continued == expected
    assert same(resumed, longer)
    assert whole.count_params() == longer.count_params()


def test_ctrl_c_leaves_the_best_so_far(splits, tmp_path):
    preset = dataclasses.replace(PRESET, epochs=100_000, patience=100_000)
    this = run.start(tmp_path, preset, 1)

    def interrupt():
        wait_for_epochs(this, 3)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)  # not always Python's own: a shell ignores it for what runs behind it
    threading.Thread(target=interrupt).start()
    network, history = fit(splits, this, preset)
    best = architectures.build("tiny")
    best.load_weights(this.best_weights)
    assert 3 <= len(history) < 100_000
    assert same(network, best)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_the_first_epoch_says_that_nothing_was_learned(splits, tmp_path):
    preset = dataclasses.replace(PRESET, train_size=50_000, batch_size=1)
    this = run.start(tmp_path, preset, 1)

    def interrupt():
        wait_until(lambda: list(this.tensorboard.rglob("*tfevents*")))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(trainer.NothingLearned, match="nothing was saved"):
        fit(splits, this, preset)


def test_it_stops_when_patience_is_over(splits, tmp_path):
    hopeless = dataclasses.replace(PRESET, optimizer=presets.Sgd(0.0, 0.0, 0.0), epochs=50, patience=2)
    _, history = fit(splits, run.start(tmp_path, hopeless, 1), hopeless)
    assert len(history) == 3


def test_there_must_be_something_to_resume(tmp_path):
    with pytest.raises(run.RunError, match="no unfinished run of preset tiny with seed 1"):
        run.resume(tmp_path, PRESET, 1)
    run.start(tmp_path, PRESET, 1)
    with pytest.raises(run.RunError, match="leave out --resume to start one"):
        run.resume(tmp_path, PRESET, 1)
