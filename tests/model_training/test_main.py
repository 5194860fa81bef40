"""The true command, as a user types it, with the `tiny` preset: one step."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from models import artifact
from models.store import ARTIFACTS, Store
from tests.serving import ROOT


def train(*arguments):
    command = [sys.executable, "-m", "model_training", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """What one run of the command leaves: its output, its runs and its store."""
    folder = tmp_path_factory.mktemp("trained")
    ended = train("--preset", "tiny", "--seed", 3, "--runs", folder / "runs", "--models", folder / "digits")
    assert ended.returncode == 0, ended.stderr
    return ended, folder / "runs", Store(folder / "digits")


def test_it_leaves_an_artifact_that_loads_and_is_stable(trained, splits):
    ended, _, store = trained
    assert store.versions() == [1]
    assert store.labels() == {"stable": 1, "canary": None}
    assert "Version 1 is saved and is stable now" in ended.stdout
    assert artifact.load(store.resolve("stable")).predict(splits.test.digits[:5]).probabilities.shape == (5, 10)


def test_the_report_says_what_was_done_and_how_good_it_is(trained, splits):
    ended, _, store = trained
    report = json.loads((store.resolve(1) / "report.json").read_text())
    assert report["command"].startswith("python -m model_training --preset tiny --seed 3")
    assert (report["preset"]["name"], report["seed"], report["epochs"], report["best_epoch"]) == ("tiny", 3, 1, 1)
    assert len(report["data_sha256"]) == 4
    assert report["versions"]["tensorflow"]
    assert report["hardware"]["cores"] >= 1
    model = artifact.load(store.resolve(1))
    for name, split in (("validation", splits.validation), ("test", splits.test)):
        right = (model.predict(split.digits).probabilities.argmax(1) == split.labels).mean()
        assert report[name]["accuracy"] == pytest.approx(right, abs=1e-9)
        assert np.trace(report[name]["confusion"]) == round(right * 10_000)
        assert f"{name:12}{right:>10.2%}" in ended.stdout
    assert report["engine_disagreement"] <= 1e-4


def test_every_file_of_the_artifact_says_the_same(trained, splits):
    import keras
    import tensorflow as tf

    _, _, store = trained
    directory = store.resolve(1)
    digits = splits.test.digits[:200]
    served = artifact.load(directory).predict(digits).probabilities
    whole = keras.saving.load_model(directory / "network.keras")
    assert getattr(whole, "optimizer", None) is None
    assert np.abs(whole.predict(digits, verbose=0) - served).max() < 1e-4
    signature = tf.saved_model.load(str(directory)).signatures["serving_default"]
    assert np.abs(signature(image=digits)["probabilities"].numpy() - served).max() < 1e-4


def test_a_worse_model_is_kept_but_does_not_become_stable(tmp_path):
    shutil.copytree(ARTIFACTS / "digits", tmp_path / "digits")
    ended = train("--preset", "tiny", "--runs", tmp_path / "runs", "--models", tmp_path / "digits")
    store = Store(tmp_path / "digits")
    assert store.versions() == [1, 2]
    assert store.labels()["stable"] == 1
    assert "Version 2 is saved; version 1 reads the validation split better and stays stable." in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["--data", "nowhere"], 1, "nowhere/train-images-idx3-ubyte: not there"),
        (["--resume", "--runs", "nowhere"], 1, "nowhere: no unfinished run of preset cnn with seed 1"),
        (["--preset", "best"], 2, "invalid choice: 'best'"),
        (["--seed", "-1"], 2, "--seed: must be from 0 to"),
        (["--seed", "one"], 2, "--seed: invalid"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(arguments, status, complaint):
    ended = train(*arguments)
    assert ended.returncode == status
    assert complaint in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_help_explains_and_does_not_wait_for_tensorflow():
    ended = train("--help")
    assert "--resume" in ended.stdout
    assert "oneDNN" not in ended.stderr
