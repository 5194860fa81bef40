"""At the start, training and evaluation say what was found, what was left out, and what looks wrong."""

import json

import cv2
import pytest

from model_training.__main__ import main
from model_training.cli import found
from model_training.data import handwriting, writers
from model_training.evaluation import inventory, label_check
from models.registry.store import ARTIFACTS, Store


@pytest.fixture(scope="module")
def own(tmp_path_factory, splits):
    """Digits of six writers, some in folders that name a part, with files and labels of each kind that is left out."""
    root = tmp_path_factory.mktemp("found") / "own"
    for index in range(240):
        folder = root / f"w{index % 6}" / str(splits.test.labels[index])
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{index}.png"), 255 - splits.test.digits[index])
    whole = (root / "w0/7/0.png").read_bytes()
    for name in (
        "w1/4/really-a-seven.png",
        "train/zoe/7/a.png",
        "test/zoe/7/b.png",
        "w1/seven/c.png",
        "w1/eight/d.png",
        "w2/O/e.png",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(whole)
    (root / "w1/7/cut.png").write_bytes(whole[:60])
    lines = [
        {"label": label, "writer": "cleo", "y": "down", "strokes": [[[5, 0], [5, 40]]]}
        for label in ("1", None, "one", "one")
    ]
    (root / "pen.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    (root / "labels.csv").write_text("file,label\n")
    return root


def test_everything_is_counted_by_source_writer_label_and_reason(own, splits):
    read = handwriting.read([own])
    stock = inventory.take(read, writers.split(read.samples), splits)
    sources = {tally.name: tally for tally in stock.sources}
    assert sources.keys() == {"MNIST", "own", "pen"}
    assert sources["MNIST"].parts == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert sum(sources["MNIST"].digits) == 70_000
    assert (sources["own"].read, sources["own"].letters, sources["pen"].digits[1]) == (244, 1, 1)
    people = {tally.name: tally for tally in stock.writers}
    assert (people["own/w0"].read, people["own/zoe"].parts) == (40, {"train": 1, "test": 1})
    assert sum(part.read for part in stock.parts) == len(read.samples)
    assert stock.fixed == 2
    assert stock.torn == ["own/zoe"]
    assert sum(n for collection, _, n, _ in stock.left_out if collection == "own") == 4
    assert any("'one' is neither" in reason and n == 2 for _, reason, n, _ in stock.left_out)
    assert any("null" in reason and first.endswith("pen.jsonl:2") for _, reason, _, first in stock.left_out)
    assert any("may pass for a digit" in reason and n == 1 for _, reason, n, _ in stock.left_out)
    assert stock.ignored == {".csv": 1}


def test_training_begins_with_the_table(own, tmp_path, capsys, caplog):
    where = ["--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "digits")]
    assert main(["train", "--preset", "tiny", "--extra", str(own), *where, "--json"]) == 0
    shown = capsys.readouterr()
    json.loads(shown.out)
    before, _, _ = shown.err.partition("epoch 1 of")
    for text in ("What was found", "MNIST", "50,000", "Handwriting by label", "Handwriting by writer", "own/w3", "Left out: 7",
                 "Labels that look wrong: 1 of", "really-a-seven.png", "2 samples are in the part that their folder names",
                 "In several parts, since their folders say so, and unknown in none: own/zoe", "Too small: ", "Not looked into: 1 .csv"):  # fmt: skip
        assert text in before, text
    assert "Left out: " in caplog.text


def test_evaluation_begins_with_the_table_and_json_has_all_of_it(own, capsys):
    assert main(["evaluate", "1", "--data", str(own), "--json"]) == 0
    shown = capsys.readouterr()
    document = json.loads(shown.out)["found"]
    assert "Handwriting by writer" in shown.err
    (suspect,) = document["check"]["suspects"]
    assert (suspect["label"], suspect["answer"]) == (4, 7)
    assert document["check"]["version"] == Store(ARTIFACTS / "digits").labels()["stable"]
    assert {row["n"] for row in document["left_out"]} == {1, 2}
    assert document["small"].keys() <= {"train", "validation", "test"}


def test_labels_are_checked_evenly_and_no_more_of_them_than_take_seconds(own, monkeypatch):
    monkeypatch.setattr(label_check, "CHECKED", 50)
    samples = handwriting.read([own]).samples
    check = label_check.check_some(samples, found.stable_model(Store(ARTIFACTS / "digits")))
    assert check.checked == 50


def test_a_part_that_is_too_small_is_named_with_the_reason(splits, tmp_path):
    for index in range(90):
        folder = tmp_path / ("test" if index < 80 else "validation") / str(splits.test.labels[index])
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{index}.png"), 255 - splits.test.digits[index])
    read = handwriting.read([tmp_path])
    small = inventory.take(read, writers.split(read.samples)).small
    assert small["train"].startswith("no digits: name folders train, validation and test")
    assert small["validation"].startswith("no ")
    assert small["test"] == "80 digits, where one mistake is 1.2%"
