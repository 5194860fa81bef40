"""The true command, as a user types it, with the `tiny` preset: one step."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from model_training import report
from model_training.__main__ import main
from model_training.commands import COMMANDS
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
        assert re.search(rf"{name} +{right:.2%} ", ended.stdout)
    assert report["engine_disagreement"] <= 1e-4


def test_every_file_of_the_artifact_says_the_same(trained, splits, encode):
    import keras
    import tensorflow as tf

    _, _, store = trained
    directory = store.resolve(1)
    digits = splits.test.digits[:200]
    served = artifact.load(directory).predict(digits).probabilities
    whole = keras.saving.load_model(directory / "network.keras")
    assert getattr(whole, "optimizer", None) is None
    assert np.abs(whole.predict(digits, verbose=0) - served).max() < 1e-4
    signatures = tf.saved_model.load(str(directory)).signatures  # as TensorFlow Serving does, pointed at the store
    assert np.abs(signatures["serving_default"](image=digits)["probabilities"].numpy() - served).max() < 1e-4
    pngs = [encode(digit) for digit in digits]
    assert np.abs(signatures["png"](image_bytes=pngs)["probabilities"].numpy() - served).max() < 1e-4
    with pytest.raises(tf.errors.InvalidArgumentError, match="shape"):
        signatures["png"](image_bytes=[encode(np.zeros((30, 30), np.uint8))])


def test_a_worse_model_is_kept_but_does_not_become_stable(tmp_path):
    shutil.copytree(ARTIFACTS / "digits", tmp_path / "digits")
    ended = train("--preset", "tiny", "--runs", tmp_path / "runs", "--models", tmp_path / "digits")
    store = Store(tmp_path / "digits")
    committed = Store(ARTIFACTS / "digits")
    stable, new = committed.labels()["stable"], committed.versions()[-1] + 1
    assert store.versions() == [*committed.versions(), new]
    assert store.labels()["stable"] == stable
    assert (
        f"Version {new} is saved; version {stable} reads the validation split better and stays stable." in ended.stdout
    )


def test_a_stable_version_without_a_report_stays_stable_and_is_named(tmp_path, trained):
    store = Store(tmp_path / "digits")
    for _ in range(2):
        store.publish(trained[2].resolve(1))
    store.promote(1)
    (store.resolve(1) / "report.json").unlink()
    answer = report.publish(store.resolve(2), store)
    assert store.labels()["stable"] == 1
    assert answer.lines == (
        "Version 3 is saved; version 1 has no report.json to compare it with and stays stable: "
        "`python -m model_training promote 3` makes it stable.",
    )


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["--data", "nowhere"], 1, "nowhere/train-images-idx3-ubyte: not there"),
        (["--resume", "--runs", "nowhere"], 1, "nowhere: no unfinished run of preset cnn with seed 1"),
        (["--preset", "bset"], 2, "invalid choice: 'bset'"),
        (["--seed", "-1"], 2, "--seed: must be from 0 to"),
        (["--seed", "one"], 2, "--seed: invalid"),
        (["trian"], 2, "invalid choice: 'trian'"),
        (["promote", "9"], 1, "no 9; versions there: 1"),
        (["evaluate", "1", "--data", "nowhere"], 1, "nowhere: not there; name a folder or a file"),
        (["inspect", "1", "nowhere.png"], 1, "nowhere.png: cannot be read"),
        (["inspect", "1", "README.md"], 1, "README.md: not an image that can be read"),
        (["compare", "1"], 2, "required: VERSION"),
        (["export", "1", "--to", "docs"], 1, "docs: exists; name a directory that does not"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(arguments, status, complaint):
    ended = train(*arguments)
    assert ended.returncode == status
    assert complaint in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["train", *COMMANDS])
def test_help_teaches_every_command(command, capsys):
    for arguments in (["--help"], [command, "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(arguments)
    listed, explained = capsys.readouterr().out.split("usage:")[1:]
    assert re.search(rf"^    {command} ", listed, re.M)
    assert "--json" in explained
    assert command == "train" or f"example:\n  python -m model_training {command}" in explained


def test_only_what_needs_tensorflow_waits_for_it():
    code = """if True:
        import sys
        from model_training.__main__ import main
        main(["list"])
        assert not {"tensorflow", "keras", "onnx"} & sys.modules.keys()
    """
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True, timeout=60)


def test_quiet_shows_nothing_on_the_way_and_json_is_all_there_is(tmp_path):
    ended = train("--preset", "tiny", "--runs", tmp_path / "runs", "--models", tmp_path, "--quiet", "--json")
    assert not re.search(r"epoch|\d%|\r|Param", ended.stderr), ended.stderr
    assert json.loads(ended.stdout)["version"] == 1
