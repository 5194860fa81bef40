"""`evaluate` and `compare` on MNIST and on digits of one's own."""

import json
import shutil

import cv2
import numpy as np
import pytest

from model_training.__main__ import main
from model_training.evaluation import comparison
from models.errors import DatasetError
from models.registry import artifact
from models.registry.store import ARTIFACTS, Store


def run(capsys, *arguments):
    """Run a command; returns the exit status and the JSON document."""
    status = main([*map(str, arguments), "--json", "--quiet"])
    return status, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def model():
    """The float32 network of version 1, which both commands measure."""
    return artifact.load(ARTIFACTS / "digits" / "1")


@pytest.fixture(scope="module")
def own(tmp_path_factory, splits):
    """300 digits of two writers in folders, with a few damaged, blank and mislabelled files."""
    root = tmp_path_factory.mktemp("own")
    for index in range(300):
        folder = root / ("anna" if index < 200 else "ben") / str(splits.test.labels[index])
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{index}.png"), 255 - splits.test.digits[index])
    whole = (root / "anna/7/0.png").read_bytes()
    (root / "anna/7/cut.png").write_bytes(whole[:60])
    cv2.imwrite(str(root / "anna/7/blank.png"), np.full((40, 40), 255, np.uint8))
    (root / "anna/4/really-a-seven.png").write_bytes(whole)
    (root / "anna/seven").mkdir()
    (root / "anna/seven/1.png").write_bytes(whole)
    strokes = {"label": "1", "writer": "cleo", "y": "down", "strokes": [[[5, 0], [5, 40]]]}
    (root / "strokes.jsonl").write_text(json.dumps(strokes) + "\n{\n")
    return root


def test_mnist_is_measured_through_the_engine(capsys, model, splits):
    status, document = run(capsys, "evaluate", "1")
    right = (model.predict(splits.test.digits).probabilities.argmax(1) == splits.test.labels).mean()
    assert (status, document["test"]["n"]) == (0, 10_000)
    assert document["test"]["accuracy"] == pytest.approx(right)


def test_own_digits_are_measured_writer_by_writer(capsys, own, model, splits):
    _, document = run(capsys, "evaluate", "1", "--data", own)
    writers = {name.split("/")[-1]: scores for name, scores in document["writers"].items()}
    assert {name: (scores["n"], scores["part"]) for name, scores in writers.items()} == {
        "anna": (201, "train"), "ben": (100, "train"), "cleo": (1, "train"),
    }  # fmt: skip
    right = model.predict(splits.test.digits[200:300]).probabilities.argmax(1) == splits.test.labels[200:300]
    assert writers["ben"]["accuracy"] == pytest.approx(right.mean())
    assert document["all"]["n"] == 302
    assert np.sum(document["all"]["confusion"]) == 302


def test_unreadable_files_and_suspected_mislabels_are_listed(capsys, own):
    main(["evaluate", "1", "--data", str(own), "--quiet"])
    text = capsys.readouterr().out
    assert "4 could not be read:" in text
    for complaint in (
        "cut.png: not an image",
        "seven/1.png: its folder must be named",
        "jsonl:2: ",
        "blank.png: blank",
    ):
        assert complaint in text
    assert "1 look mislabelled:" in text
    assert "4/really-a-seven.png: 4, read as 7" in text


def test_only_blank_images_are_an_error_that_says_what_to_do(tmp_path, capsys):
    (tmp_path / "7").mkdir()
    cv2.imwrite(str(tmp_path / "7/blank.png"), np.full((40, 40), 255, np.uint8))
    with pytest.raises(DatasetError, match="holds no digit with ink in it; name other places"):
        main(["evaluate", "1", "--data", str(tmp_path)])


@pytest.fixture
def two(tiny, tmp_path):
    """A store with a committed version and a tiny one that reads far worse."""
    shutil.copytree(ARTIFACTS / "digits" / "1", tmp_path / "digits" / "1")
    store = Store(tmp_path / "digits")
    store.publish(tiny.resolve(1))
    return store.root


def test_a_significantly_worse_version_is_named_with_the_differences(capsys, two, splits):
    status, document = run(capsys, "compare", "1", "2", "--models", two)
    assert status == 3
    assert document["n"] == 10_000
    assert document["accuracy"][0] == 0.9936 > document["accuracy"][1]
    assert document["mcnemar"]["p"] < 1e-9
    assert document["differences"]["preset.architecture"] == ["cnn", "tiny"]
    assert document["differences"]["parameters"][0] == 1_111_946
    assert "data_sha256.train-images-idx3-ubyte" not in document["differences"]
    assert document["hard"] == {}
    slow, fast = document["microseconds_a_digit"]["1"]
    assert slow > fast > 1
    main(["compare", "2", "1", "--models", str(two), "--quiet"])
    assert "version 1 is significantly better." in capsys.readouterr().out


def test_results_are_not_listed_as_differences(capsys):
    _, document = run(capsys, "compare", "1", "3")
    record = json.loads((ARTIFACTS / "digits/3/report.json").read_text())
    assert not {name.split(".")[0] for name in document["differences"]} & {"people", "mnist_c", "letters", "disputed"}
    assert document["differences"]["extra.train.writers"] == [None, record["extra"]["train"]["writers"]]
    corrupted = [scores["canonical"] for scores in record["mnist_c"].values()]
    assert document["hard"]["MNIST-C redrawn"] == [None, pytest.approx(np.mean(corrupted))]
    assert document["hard"]["people: paper_scans"] == [None, record["people"]["paper_scans"]["accuracy"]]


def test_a_version_does_not_differ_from_itself(capsys, own):
    status, document = run(capsys, "compare", "1", "1", "--data", own)
    assert (status, document["n"]) == (0, 302)
    assert document["mcnemar"] == {"only_first_right": 0, "only_second_right": 0, "p": 1.0}
    assert document["differences"] == {}


def test_mcnemar_of_a_known_case():
    first, second = np.zeros((2, 100), bool)
    first[:10] = second[10:12] = True
    first[50:] = second[50:] = True
    test = comparison.mcnemar(first, second)
    assert (test.only_first, test.only_second) == (10, 2)
    assert test.p == pytest.approx(2 * (1 + 12 + 66) / 2**12)
    assert test.significant
