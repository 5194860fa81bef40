"""The commands that list and choose versions and draw contact sheets, run in this process."""

import json
import os
import shutil

import cv2
import numpy as np
import pytest

from model_training.__main__ import main
from models.errors import ArtifactCorrupt, ArtifactMissing, DatasetError
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink
from models.registry.store import ARTIFACTS, Store
from tests.serving import ROOT


@pytest.fixture
def store(tmp_path):
    """Two versions, of which the first is stable."""
    shutil.copytree(ARTIFACTS / "digits" / "1", tmp_path / "digits" / "1")
    store = Store(tmp_path / "digits")
    store.publish(store.resolve(1))
    store.promote(1)
    return store


@pytest.fixture
def run(store, capsys):
    """Run a command; returns the exit status and stdout."""

    def run(*arguments):
        status = main([*map(str, arguments), "--models", str(store.root)])
        return status, capsys.readouterr().out

    return run


def test_list_shows_each_version_with_its_labels_and_scores(run, store):
    (store.resolve(2) / "report.json").unlink()
    store.promote(2, "canary")
    _, text = run("list")
    first, second = (line.split() for line in text.splitlines() if line.strip()[:1].isdecimal())
    assert first == ["1", "stable", "cnn", "1,111,946", "99.16%", "99.36%", "0.13%", "14.6", "MB", "2026-11-24"]
    assert second == ["2", "canary", "no", "report.json", "14.6", "MB"]


def test_list_as_json_is_one_document(run):
    status, text = run("list", "--json")
    versions = json.loads(text)["versions"]
    assert status == 0
    assert [(entry["version"], entry["labels"]) for entry in versions] == [(1, ["stable"]), (2, [])]
    assert versions[0]["test_accuracy"] == 0.9936
    assert versions[0]["bytes"] > 10_000_000


def test_an_empty_store_says_how_to_fill_it(tmp_path, capsys):
    assert main(["list", "--models", str(tmp_path)]) == 0
    assert "train one with `make train`" in capsys.readouterr().out


def test_promote_moves_the_label_and_names_the_version_before(run, store):
    assert run("promote", 2) == (0, "stable is version 2 now; it was version 1.\n")
    assert run("promote", "stable", "--label", "canary") == (0, "canary is version 2 now; it was nothing.\n")
    assert store.labels() == {"stable": 2, "canary": 2}


def test_a_version_that_cannot_be_served_is_not_promoted(run, store):
    (store.resolve(2) / "network.tflite").write_bytes(b"cut short")
    with pytest.raises(ArtifactCorrupt, match=r"network\.tflite: 9 bytes where"):
        run("promote", 2)
    assert store.labels()["stable"] == 1


def test_a_version_that_no_longer_reads_its_reference_digits_is_not_promoted(run, store):
    contract = store.resolve(2) / "model.json"
    rejection = json.loads(contract.read_bytes())["rejection"] | {"min_margin": 1}
    contract.write_text(json.dumps(json.loads(contract.read_bytes()) | {"rejection": rejection}))
    with pytest.raises(ArtifactCorrupt, match=r"accepts none of the digits of reference\.json"):
        run("promote", 2)
    assert store.labels()["stable"] == 1


def test_rollback_keeps_the_label_if_the_version_before_is_broken(run, store):
    run("promote", 2)
    (store.resolve(1) / "network.int8.tflite").write_bytes(b"cut short")
    with pytest.raises(ArtifactCorrupt, match=r"network\.int8\.tflite: 9 bytes where"):
        run("rollback")
    assert store.labels()["stable"] == 2


def test_rollback_returns_to_the_version_that_was_stable_before(run, store):
    run("promote", 2)
    assert json.loads(run("rollback", "--json")[1]) == {"label": "stable", "version": 1, "before": 2}
    with pytest.raises(ArtifactMissing, match="no version that is there was stable before 1"):
        run("rollback")
    assert store.labels()["stable"] == 1


def test_canonical_lays_out_a_folder_of_images(run, tmp_path):
    folder, sheet = tmp_path / "photos", tmp_path / "sheets" / "sheet.png"
    (folder / "anna").mkdir(parents=True)
    seven = np.full((60, 60), 255, np.uint8)
    cv2.polylines(seven, [np.array([[12, 10], [45, 10], [25, 52]])], False, 0, 4)
    cv2.imwrite(str(folder / "anna" / "seven.png"), seven)
    cv2.imwrite(str(folder / "blank.jpg"), np.full((40, 80), 200, np.uint8))
    (folder / "broken.png").write_bytes(b"not an image")
    status, text = run("canonical", folder, "--to", sheet, "--json")
    answer = json.loads(text)
    assert status == 0
    assert (answer["pictures"], answer["blank"], answer["left_out"]) == (2, ["blank.jpg"], 0)
    assert [complaint.split(":")[0] for complaint in answer["unreadable"]] == ["broken.png"]
    drawn = cv2.imread(str(sheet), cv2.IMREAD_GRAYSCALE)
    before, after = drawn[:112, :112], drawn[:112, 112:224]
    assert np.abs(before.astype(int) - cv2.resize(seven, (112, 112), interpolation=cv2.INTER_NEAREST)).max() == 0
    assert np.array_equal(after[::4, ::4], 255 - canonicalize(find_ink(seven)))


def test_canonical_names_what_is_wrong_with_a_folder(run, tmp_path):
    for folder, reason in ((tmp_path / "nowhere", "not a folder"), (tmp_path, "it holds none")):
        with pytest.raises(DatasetError, match=reason):
            run("canonical", folder)


def test_names_in_any_bytes_are_shown_and_written(tmp_path, capsys):
    whole = (ROOT / "docs/seven.png").read_bytes()
    for name in (b"ann\xe9.PNG", b"l\nine.png"):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
            file.write(whole)
    with open(os.fsencode(tmp_path) + b"/\xff.bmp", "wb") as broken:
        broken.write(b"BM")
    assert main(["canonical", str(tmp_path), "--to", str(tmp_path / "sheet.png")]) == 0
    assert "Left out: \\xff.bmp: not an image" in capsys.readouterr().out
    image = os.fsdecode(os.fsencode(tmp_path) + b"/ann\xe9.PNG")
    assert main(["inspect", "1", image, "--to", str(tmp_path / "page.html"), "--quiet"]) == 0
    assert "ann\\xe9.PNG" in (tmp_path / "page.html").read_text()
