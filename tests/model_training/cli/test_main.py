"""The real command with the `tiny` preset, which trains for one step."""

import json
import re
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from model_training.__main__ import main
from model_training.cli import COMMANDS
from model_training.cli.train import publish
from model_training.data import handwriting
from models.registry import artifact
from models.registry.artifact import ArtifactFiles
from models.registry.store import ARTIFACTS, Store
from tests.serving import ROOT


def run(*words):
    command = [sys.executable, "-m", "model_training", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train once; returns the ended process, the folder of runs and the store."""
    folder = tmp_path_factory.mktemp("trained")
    ended = run("--preset", "tiny", "--seed", 3, "--runs", folder / "runs", "--models", folder / "digits")
    assert ended.returncode == 0, ended.stderr
    return ended, folder / "runs", Store(folder / "digits")


def test_training_publishes_an_artifact_that_loads_and_is_stable(trained, splits):
    ended, _, store = trained
    assert store.versions() == [1]
    assert store.labels() == {"stable": 1, "canary": None}
    assert "Version 1 is saved and is stable now" in ended.stdout
    assert artifact.load(store.resolve("stable")).predict(splits.test.digits[:5]).probabilities.shape == (5, 10)
    assert len(ArtifactFiles.read(store.resolve("stable")).reference.digits) > 0  # of ten, after one epoch


def test_the_record_holds_the_settings_and_the_scores(trained, splits):
    ended, _, store = trained
    report = json.loads((store.resolve(1) / "report.json").read_text())
    assert report["command"].startswith("python -m model_training train --preset tiny --seed 3 --runs ")
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


def test_tensorboard_has_curves_histograms_the_graph_and_hyper_parameters(trained):
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
    from tensorboard.plugins.hparams import metadata

    events = EventMultiplexer().AddRunsFromDirectory(str(trained[1])).Reload()
    tags = {name.split("/")[-1]: content["tensors"] for name, content in events.Runs().items()}
    assert {"epoch_loss", "epoch_accuracy", "tiny/conv2d/kernel/histogram"} <= set(tags["train"])
    assert {"epoch_loss", "epoch_accuracy"} <= set(tags["validation"])
    assert {"val_loss", "val_accuracy"} <= set(tags["hparams"])
    (logged,) = (name for name in events.Runs() if name.endswith("train"))
    names = {node.name for node in events.Graph(logged).node}
    assert {"digits", "conv2d_1/convolution", "probabilities_1/Softmax"} <= names
    (logged,) = (name for name in events.Runs() if name.endswith("hparams"))
    tag = metadata.SESSION_START_INFO_TAG
    content = events.SummaryMetadata(logged, tag).plugin_data.content
    settings = metadata.parse_session_start_info_plugin_data(content).hparams
    assert settings["optimizer.learning_rate"].number_value == 0.001
    assert (settings["seed"].number_value, settings["name"].string_value) == (3, "tiny")


def test_every_file_of_the_artifact_gives_the_same_probabilities(trained, splits, encode):
    import keras
    import tensorflow as tf

    _, _, store = trained
    directory = store.resolve(1)
    digits = splits.test.digits[:200]
    served = artifact.load(directory).predict(digits).probabilities
    whole = keras.saving.load_model(directory / "network.keras")
    assert getattr(whole, "optimizer", None) is None
    assert np.abs(whole.predict(digits, verbose=0) - served).max() < 1e-4
    signatures = tf.saved_model.load(str(directory)).signatures  # as TensorFlow Serving loads it
    assert np.abs(signatures["serving_default"](image=digits)["probabilities"].numpy() - served).max() < 1e-4
    pngs = [encode(digit) for digit in digits]
    assert np.abs(signatures["png"](image_bytes=pngs)["probabilities"].numpy() - served).max() < 1e-4
    with pytest.raises(tf.errors.InvalidArgumentError, match="shape"):
        signatures["png"](image_bytes=[encode(np.zeros((30, 30), np.uint8))])


def test_a_worse_version_is_published_but_does_not_become_stable(tmp_path, trained, capsys):
    shutil.copytree(ARTIFACTS / "digits", tmp_path / "digits")
    store = Store(tmp_path / "digits")
    publish(trained[2].resolve(1), store).show(as_json=False)
    committed = Store(ARTIFACTS / "digits")
    stable, new = committed.labels()["stable"], committed.versions()[-1] + 1
    assert store.versions() == [*committed.versions(), new]
    assert store.labels()["stable"] == stable
    shown = capsys.readouterr().out
    assert f"Version {new} is saved; version {stable} reads the validation split better and stays stable." in shown


def test_the_same_seed_gives_the_same_weights_in_another_process(trained, tiny):
    import keras

    one, other = (keras.saving.load_model(store.resolve(1) / "network.keras") for store in (trained[2], tiny))
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    records = [json.loads((store.resolve(1) / "report.json").read_text()) for store in (trained[2], tiny)]
    assert records[0]["history"] == records[1]["history"]
    assert records[0]["test"] == records[1]["test"]


def test_other_handwriting_joins_training_and_is_measured_on_writers_held_out(tmp_path, splits, capsys, caplog):
    for index in range(200):
        folder = tmp_path / f"own/writer{index % 10}/{splits.test.labels[index]}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{index}.png").write_bytes(cv2.imencode(".png", 255 - splits.test.digits[index])[1].tobytes())
    (folder / "broken.png").write_bytes(b"not an image")
    where = ["--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "digits")]
    assert main(["train", "--preset", "tiny", "--extra", str(tmp_path / "own"), *where, "--json", "--quiet"]) == 0
    record = json.loads((Store(tmp_path / "digits").resolve(1) / "report.json").read_text())
    assert (record["people"]["own"]["writers"], record["people"]["own"]["n"]) == (2, 40)
    assert record["data_sha256"]["own"] == handwriting.sha256(handwriting.read([tmp_path / "own"]).samples)["own"]
    assert "broken.png: not an image that can be read" in caplog.text
    assert json.loads(next(tmp_path.glob("runs/*/run.json")).read_text())["extra"] == [str(tmp_path / "own")]


def test_a_stable_version_without_a_record_stays_stable_and_is_named(tmp_path, trained):
    store = Store(tmp_path / "digits")
    for _ in range(2):
        store.publish(trained[2].resolve(1))
    store.promote(1)
    (store.resolve(1) / "report.json").unlink()
    output = publish(store.resolve(2), store)
    assert store.labels()["stable"] == 1
    assert output.lines == (
        "Version 3 is saved; version 1 has no report.json to compare it with and stays stable: "
        "`python -m model_training promote 3` makes it stable.",
    )


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
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
def test_errors_say_what_is_wrong_and_what_to_do(words, status, complaint):
    ended = run(*words)
    assert ended.returncode == status
    assert complaint in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("absent", "command"), [("rich", "list"), ("tensorflow", "train")])
def test_a_missing_library_is_named_with_how_to_install_it(absent, command):
    code = f"import runpy, sys; sys.modules[{absent!r}] = None; runpy.run_module('model_training', run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", code, command], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert absent in ended.stderr
    assert "requirements/train.txt" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_command(command, capsys):
    for arguments in (["--help"], [command, "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(arguments)
    listed, explained = capsys.readouterr().out.split("usage:")[1:]
    assert re.search(rf"^    {command}\b", listed, re.M)
    assert "--json" in explained
    assert f"example:\n  python -m model_training {command}" in explained


def test_list_does_not_import_tensorflow():
    code = """if True:
        import sys
        from model_training.__main__ import main
        main(["list"])
        assert not {"tensorflow", "keras", "onnx"} & sys.modules.keys()
    """
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True, timeout=60)


def test_quiet_shows_no_progress_and_json_is_one_document(tmp_path, capsys):
    loud = ["train", "--preset", "tiny", "--runs", str(tmp_path / "runs"), "--models", str(tmp_path), "--json"]
    assert main(loud) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["version"] == 1
    assert re.search(r"epoch 1 of at most 1: accuracy 0\.\d+, loss", shown.err)
    assert re.search(r"epoch 1 of 1: 100% in \d+\.\d s", shown.err)
    assert main([*loud, "--quiet"]) == 0
    quiet = capsys.readouterr()
    assert json.loads(quiet.out)["version"] == 2
    assert quiet.err == ""
