import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_training.data.number_archives import NumberArchive
from models.errors import DatasetError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive of forty numbers by as many writers, one of them with strokes."""
    png = io.BytesIO()
    Image.fromarray(np.full((20, 30), 255, np.uint8)).save(png, "PNG")
    truth = [
        {"file": f"pen/{n}.png", "set": "pen_numbers", "writer": f"w{n}", "number": "42", "text": "4-2", "signs": True,
         "digits": [{"label": "4", "box": [1, 2, 3, 4]}]}
        for n in range(40)
    ]  # fmt: skip
    strokes = {"file": "pen/0.png", "strokes": [[[0, 0], [3, 5]]]}
    with zipfile.ZipFile(tmp_path / "numbers.zip", "w") as archive:
        archive.writestr("truth.jsonl", "\n".join(map(json.dumps, truth)))
        archive.writestr("pen_strokes.jsonl.gz", gzip.compress(json.dumps(strokes).encode()))
        archive.writestr("pen/0.png", png.getvalue())
    return tmp_path / "numbers.zip"


def test_numbers_are_read_with_their_strokes_and_pictures(path: Path):
    archive = NumberArchive(path)
    first = archive.numbers[0]
    assert (first.number, first.text, first.signs, first.boxes) == ("42", "4-2", True, [(1, 2, 3, 4)])
    assert first.strokes[0].tolist() == [[0, 0], [3, -5]]  # y down
    assert archive.numbers[1].strokes == []
    assert archive.pictures([first])[0].shape == (20, 30)


def test_half_of_the_writers_are_held_out_always_the_same(path: Path):
    held_out = [number.held_out for number in NumberArchive(path).numbers]
    assert held_out == [number.held_out for number in NumberArchive(path).numbers]
    assert 10 < sum(held_out) < 30


def test_other_archives_are_none_of_numbers(path: Path, tmp_path: Path):
    assert NumberArchive.is_one(path)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("7/a.png", b"")
    assert not NumberArchive.is_one(tmp_path / "other.zip")
    assert not NumberArchive.is_one(tmp_path)
    with pytest.raises(DatasetError, match=r"no archive of numbers with truth\.jsonl"):
        NumberArchive(tmp_path / "other.zip")
