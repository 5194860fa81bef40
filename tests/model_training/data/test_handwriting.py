"""Handwriting is read in both formats, and what cannot be read is named."""

import gzip
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from model_training.data import handwriting, writers
from models.errors import DatasetError

SEVEN = [[[0, 10], [10, 10], [4, 0]]]


def line(**values):
    return json.dumps({"label": "7", "writer": "anna", "source": "tablet", "strokes": SEVEN} | values) + "\n"


def picture(path, grey=255):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("L", (40, 60), grey)
    image.putpixel((20, 30), 0)
    image.save(path)


def test_strokes_are_read_with_y_down_whatever_the_file_has(tmp_path):
    (tmp_path / "pen.jsonl").write_text(line() + line(y="up") + "\n" + line(y="down", label="Q"))
    up, also_up, down = handwriting.read([tmp_path]).samples
    assert np.array_equal(up.strokes[0], np.array(SEVEN[0]) * [1, -1])
    assert np.array_equal(also_up.strokes[0], up.strokes[0])
    assert np.array_equal(down.strokes[0], np.array(SEVEN[0]))
    assert (up.digit, down.digit) == (7, None)
    assert (up.writer, up.source, up.collection) == ("tablet/anna", "tablet", "pen")


def test_gzip_zip_and_folders_give_the_same_samples(tmp_path):
    with gzip.open(tmp_path / "pen.jsonl.gz", "wt") as packed:
        packed.write(line())
    picture(tmp_path / "scans" / "anna" / "7" / "one.png")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(tmp_path / "scans" / "anna" / "7" / "one.png", "bert/3/two.png")
    picture(tmp_path / "own" / "9" / "mine.JPG")
    archived, strokes = (handwriting.read([tmp_path / name]).samples for name in ("more.zip", "pen.jsonl.gz"))
    assert [(s.digit, s.writer) for s in archived + strokes] == [(3, "more/bert"), (7, "tablet/anna")]
    (scan,) = handwriting.read([tmp_path / "scans"]).samples
    assert (scan.digit, scan.writer, scan.grey.shape) == (7, "scans/anna", (60, 40))
    (own,) = handwriting.read([tmp_path / "own"]).samples
    assert (own.digit, own.writer) == (9, "own/")
    assert len(handwriting.read([tmp_path]).samples) == 4


def test_transparent_pixels_are_paper(tmp_path):
    image = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    image.putpixel((15, 15), (0, 0, 0, 255))
    (tmp_path / "1").mkdir()
    image.save(tmp_path / "1" / "canvas.png")
    (sample,) = handwriting.read([tmp_path]).samples
    assert (sample.grey[0, 0], sample.grey[15, 15]) == (255, 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        (line(strokes=None), "not a JSON object"),
        (line(strokes=[]), "no stroke"),
        (line(strokes=[[]]), "no stroke"),
        (line(strokes=[[[1, 2, 3]]]), "not a JSON object"),
        (line(strokes=[[[1, float("nan")]]]), "not finite"),
        (line(y="left"), "neither up nor down"),
        ('{"label": "7", "strokes": [[[1, 2]]]}', "'writer'"),
    ],
)
def test_an_unreadable_line_is_named_and_the_rest_is_kept(tmp_path, content, reason):
    (tmp_path / "pen.jsonl").write_text(line() + content.strip() + "\n" + line())
    read = handwriting.read([tmp_path])
    assert len(read.samples) == 2
    (complaint,) = read.unreadable
    assert complaint.startswith(f"{tmp_path / 'pen.jsonl'}:2: ")
    assert reason in complaint


def test_a_damaged_file_is_named_and_the_rest_is_kept(tmp_path):
    picture(tmp_path / "anna" / "7" / "good.png")
    picture(tmp_path / "anna" / "seven" / "misplaced.png")
    (tmp_path / "anna" / "7" / "bad.png").write_bytes(b"\x89PNG")
    (tmp_path / "bad.zip").write_bytes(b"PK")
    (tmp_path / "bad.jsonl.gz").write_bytes(gzip.compress(line().encode())[:-9])
    (tmp_path / "notes.txt").write_text("no digits here")
    read = handwriting.read([tmp_path])
    assert len(read.samples) >= 1
    named = "\n".join(read.unreadable)
    assert len(read.unreadable) == 4
    for name, reason in [
        ("bad.png", "not an image"),
        ("misplaced.png", "named by its digit"),
        ("bad.zip", "damaged"),
        ("bad.jsonl.gz", "truncated"),
    ]:
        assert any(name in complaint and reason in complaint for complaint in read.unreadable), named


def test_no_readable_sample_is_an_error_that_says_what_to_name(tmp_path):
    with pytest.raises(DatasetError, match="nowhere: not there; name a folder"):
        handwriting.read([tmp_path / "nowhere"])
    with pytest.raises(DatasetError, match=r"neither \*\.jsonl nor digit"):
        handwriting.read([tmp_path])
    assert handwriting.read([]).samples == []


def test_no_writer_is_in_two_splits_and_the_splits_never_change():
    samples = [
        handwriting.Sample(label, f"{source}/{n}", source, collection)
        for source, count in (("tablet", 30), ("paper", 10), ("alone", 1))
        for n in range(count)
        for label, collection in (("7", "digits"), ("Q", "letters"))
    ]
    splits = writers.split(samples)
    held = [{s.writer for s in split} for split in (splits.train, splits.validation, splits.test)]
    assert [len(names) for names in held] == [21 + 7 + 1, 3 + 1, 6 + 2]
    assert set.union(*held) == {s.writer for s in samples}
    assert sum(map(len, (splits.train, splits.validation, splits.test))) == len(samples)
    assert sorted(held[2]) == [
        "paper/0",
        "paper/9",
        "tablet/10",
        "tablet/14",
        "tablet/18",
        "tablet/28",
        "tablet/3",
        "tablet/7",
    ]
    assert splits.summary()["test"] == {"specimens": 16, "writers": 8}
    assert writers.split(reversed(samples)).test[::-1] == splits.test


def test_the_hash_of_a_collection_depends_on_what_was_read_alone(tmp_path):
    def hashed(content):
        (tmp_path / "pen.jsonl").write_text(content)
        return handwriting.sha256(handwriting.read([tmp_path / "pen.jsonl"]).samples)["pen"]

    bent = [[[0, 10], [10, 10], [4, 1]]]
    whole = hashed(line() + line(label="Q"))
    assert whole == hashed(line() + "\n" + line(y="up", label="Q"))
    changed = [line(), line(label="Q") + line(), line() + line(label="O"), line() + line(label="Q", writer="bert")]
    changed += [line() + line(label="Q", strokes=bent), line() + line(label="Q", strokes=[*SEVEN, *SEVEN])]
    assert len({whole, *map(hashed, changed)}) == 1 + len(changed)
    picture(tmp_path / "scans" / "anna" / "7" / "one.png")
    white = handwriting.sha256(handwriting.read([tmp_path / "scans"]).samples)
    picture(tmp_path / "scans" / "anna" / "7" / "one.png", grey=254)
    assert white.keys() == {"scans"}
    assert white != handwriting.sha256(handwriting.read([tmp_path / "scans"]).samples)
