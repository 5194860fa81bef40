"""Folders called train, validation and test are those parts, whatever the writers are."""

import zipfile

from model_training.data import handwriting, parts, writers
from tests.model_training.data.test_handwriting import line, picture


def parts_of(place):
    split = writers.split(handwriting.read([place]).samples)
    return {name: sorted((sample.writer, sample.label) for sample in getattr(split, name)) for name in parts.PARTS}


def test_folders_named_like_parts_are_those_parts(tmp_path):
    own = tmp_path / "own"
    for name in ("train/7/a.png", "train/anna/8/b.png", "Val/7/c.png", "test/7/d.png", "ben/testing/3/e.png"):
        picture(own / name)
    assert parts_of(own) == {
        "train": [("own/", "7"), ("own/anna", "8")],
        "validation": [("own/", "7")],
        "test": [("own/", "7"), ("own/ben", "3")],
    }
    assert parts_of(own / "test") == {"train": [], "validation": [], "test": [("test/", "7")]}


def test_strokes_and_archives_are_in_the_part_of_their_folder_or_name(tmp_path):
    own = tmp_path / "own"
    for folder in ("train", "validation", "test"):
        (own / folder).mkdir(parents=True)
        (own / folder / "pen.jsonl").write_text(line(label=folder[0], writer=folder))
    (own / "test.jsonl").write_text(line(label="2"))
    with zipfile.ZipFile(own / "validation.zip", "w") as archive:
        archive.write(own / "test.jsonl", "3/none.txt")
        picture(tmp_path / "one.png")
        archive.write(tmp_path / "one.png", "anna/4/one.png")
        archive.write(tmp_path / "one.png", "train/5/one.png")
    found = parts_of(own)
    assert [label for _, label in found["train"]] == ["t", "5"]
    assert [label for _, label in found["validation"]] == ["v", "4"]
    assert sorted(label for _, label in found["test"]) == ["2", "t"]


def test_others_of_a_writer_who_has_a_part_are_in_it_too(tmp_path):
    for name in ("test/anna/7/a.png", "anna/8/b.png", *(f"w{n}/1/c.png" for n in range(10))):
        picture(tmp_path / name)
    split = writers.split(handwriting.read([tmp_path]).samples)
    assert {sample.label for sample in split.test if sample.writer.endswith("anna")} == {"7", "8"}
    assert len({sample.writer for sample in split.train}) == 7


def test_the_hash_of_a_collection_depends_on_the_parts(tmp_path):
    for folder in ("train", "test"):
        picture(tmp_path / "one" / folder / "7" / "a.png")
    picture(tmp_path / "other" / "one" / "train" / "7" / "a.png")
    picture(tmp_path / "other" / "one" / "train" / "7" / "b.png")
    assert handwriting.sha256(handwriting.read([tmp_path / "one"]).samples) != handwriting.sha256(
        handwriting.read([tmp_path / "other" / "one"]).samples
    )
