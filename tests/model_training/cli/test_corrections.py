"""Corrections are written as training data that `--extra` reads."""

import json

import cv2
import numpy as np

from model_training.__main__ import main
from model_training.data import handwriting
from models.registry.corrections import Correction, Corrections

STROKES = [[[0.2, 0.1], [0.8, 0.1], [0.4, 0.9]]]


def test_drawings_and_images_are_read_back_with_their_labels(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/corrections.db"
    picture = np.zeros((40, 30), np.uint8)
    picture[5:35, 14:18] = 255
    png = bytes(cv2.imencode(".png", picture)[1])
    kept = Corrections(url)
    for label, strokes in [(7, STROKES), (None, STROKES), (1, []), (None, [])]:
        kept.add(Correction(label=label, png=png, strokes=strokes, predicted=3, model="digits 1"))
    command = ["corrections", "--out", str(tmp_path / "out"), "--database", url, "--json"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out) == {"out": str(tmp_path / "out"), "drawings": 2, "pictures": 2}
    handwritten = handwriting.read([tmp_path / "out"])
    assert handwritten.unreadable == []
    read = {sample.label: sample for sample in handwritten.samples}
    assert read.keys() == {"7", "none", "1"}
    assert np.array_equal(read["7"].strokes[0], STROKES[0])
    others = [sample for sample in handwritten.samples if sample.digit is None]
    assert sorted(bool(sample.strokes) for sample in others) == [False, True]
    assert np.array_equal(read["1"].grey, picture)
    assert read["7"].writer.startswith("corrections/20")


def test_a_database_without_corrections_is_no_error(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/corrections.db"
    assert main(["corrections", "--out", str(tmp_path / "out"), "--database", url]) == 0
    assert (tmp_path / "out/corrections.jsonl").read_text() == ""
    assert "no corrections to train on yet" in capsys.readouterr().out
