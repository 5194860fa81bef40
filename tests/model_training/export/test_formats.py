"""`export` writes every format, and loads each file again in a process of its own."""

import json

import cv2
import numpy as np
import onnx
import pytest

from model_training.__main__ import main
from model_training.export import verification
from models.registry import artifact
from models.registry.store import ARTIFACTS, Store


def test_every_format_gives_the_probabilities_of_the_served_model(tiny, tmp_path, capsys):
    to = tmp_path / "exported"
    assert main(["export", "1", "--to", str(to), "--models", str(tiny.root), "--json", "--quiet"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["digits"] == 1000
    assert document["formats"].keys() == verification.READERS.keys()
    for name, entry in document["formats"].items():
        assert entry["largest_difference"] < 1e-4, name
        assert entry["bytes"] > 5_000
        assert (to / entry["path"]).exists()
    onnx.checker.check_model(str(to / "network.int8.onnx"))
    assert json.loads((to / "network.json").read_text())["class_name"] == "Sequential"
    assert (to / "saved_model/1/saved_model.pb").is_file()
    assert list(tmp_path.iterdir()) == [to]


def test_tensorflow_serving_can_be_pointed_at_the_committed_store(splits):
    import tensorflow as tf

    store, digits = Store(ARTIFACTS / "digits"), splits.test.digits[:200]
    numbered = [int(path.name) for path in store.root.iterdir() if (path / "saved_model.pb").is_file()]
    assert sorted(numbered) == store.versions()
    pngs = [cv2.imencode(".png", digit)[1].tobytes() for digit in digits]
    takes = {
        "serving_default": {"image": (tf.uint8, [None, 28, 28])},
        "png": {"image_bytes": (tf.string, [None])},
    }
    for version in store.versions():
        signatures = tf.saved_model.load(str(store.root / str(version))).signatures
        assert {
            name: {
                input: (spec.dtype, spec.shape.as_list())
                for input, spec in signature.structured_input_signature[1].items()
            }
            for name, signature in signatures.items()
        } == takes
        served = artifact.load(store.resolve(version)).predict(digits).probabilities
        answers = signatures["serving_default"](image=digits), signatures["png"](image_bytes=tf.constant(pngs))
        for answer in answers:
            assert np.abs(answer["probabilities"].numpy() - served).max() < 1e-4


def test_a_file_that_cannot_be_loaded_again_is_named(tmp_path):
    (tmp_path / "network.tflite").write_bytes(b"no such thing")
    with pytest.raises(verification.ReloadError, match=r"network\.tflite: cannot be loaded again as litert: .*Error"):
        verification.ask("litert", tmp_path / "network.tflite", np.zeros((1, 28, 28), np.uint8))


def test_inspect_shows_the_layers_and_the_answer_for_an_image(tmp_path, capsys):
    page = tmp_path / "inspection.html"
    assert main(["inspect", "1", "docs/seven.png", "--to", str(page), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["digit"], answer["accepted"]) == (7, True)
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
    text = page.read_text()
    assert text.count("data:image/png") == 2 + 8  # the image, the digit, the output of each of eight layers
    for text_shown in ("280 × 280", "24 × 24 × 32", "to be trusted", "<h1>seven.png</h1>"):
        assert text_shown in text


def test_an_image_without_ink_cannot_be_inspected(tmp_path):
    from model_training.cli.inspect import ImageError

    cv2.imwrite(str(tmp_path / "blank.png"), np.full((40, 40), 200, np.uint8))
    with pytest.raises(ImageError, match=r"blank\.png: .*; name an image of one digit"):
        main(["inspect", "1", str(tmp_path / "blank.png")])
