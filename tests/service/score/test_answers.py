"""Rows are what the service answers, in every format; and what they come to."""

from __future__ import annotations

import csv
import json
import zipfile

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import requests

from models.registry.store import Store
from tests import serving
from tests.textbook import NUMBERS, STORE

SEVEN, NUMBER = (serving.ROOT / "docs" / name for name in ("seven.png", "number.png"))


def rows(out):
    return [row for shard in sorted(out.glob("part-*.parquet")) for row in pq.read_table(shard).to_pylist()]


def ask(url, path, picture):
    return requests.post(f"{url}{path}", data=picture, headers={"Content-Type": "image/png"}, timeout=30).json()


@pytest.fixture(scope="module")
def pictures(pngs, tmp_path_factory):
    """A folder of digits, a photo, a number, a blank and what is no picture."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, png in enumerate(pngs[:40]):
        (folder / f"{number:02}.png").write_bytes(png)
    photo = cv2.GaussianBlur(np.full((900, 900, 3), 210, np.uint8), (0, 0), 1)
    cv2.line(photo, (300, 200), (600, 200), (40, 40, 60), 40)
    cv2.line(photo, (600, 200), (450, 700), (40, 40, 60), 40)
    noise = np.random.default_rng(0).normal(0, 5, photo.shape)
    cv2.imwrite(str(folder / "photo.jpg"), np.clip(photo + noise, 0, 255).astype(np.uint8))
    cv2.imwrite(str(folder / "blank.png"), np.full((50, 50), 255, np.uint8))
    (folder / "number.png").write_bytes(NUMBER.read_bytes())
    (folder / "seven.png").write_bytes(SEVEN.read_bytes())
    (folder / "text.png").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def scored(score, pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("scored") / "out"
    status, said = score(pictures, "--out", out)
    assert status == 3, said
    return out


def test_digits_are_answered_as_by_the_service(url, pictures, scored):
    read = rows(scored)
    assert [row["path"] for row in read] == [str(path) for path in sorted(pictures.iterdir())]
    for row in read:
        with open(row["path"], "rb") as file:
            answer = ask(url, "/predict", file.read())
        if "code" in answer:
            assert row["error"] == f"{answer['code']}: {answer['detail']}"
            assert [row[name] for name in ("answer", "probabilities", "confidence", "accepted", "reason")] == [None] * 5
            continue
        assert row["error"] is None
        assert row["answer"] == (None if answer["digit"] is None else str(answer["digit"]))
        assert row["probabilities"] == pytest.approx(answer["probabilities"], abs=1e-6)
        for name in ("confidence", "digit_score"):
            assert row[name] == pytest.approx(answer[name], abs=1e-6)
        assert (row["accepted"], row["reason"]) == (answer["accepted"], answer["reason"])
    assert {row["reason"] for row in read} >= {None, "blank", "several_digits"}


@pytest.mark.parametrize(("kind", "query"), [("number", ""), ("grid=1x4", "?grid=1x4")])
def test_numbers_and_grids_are_answered_as_by_the_service(url, score, tmp_path, kind, query):
    assert score(NUMBER, "--out", tmp_path / "out", "--as", kind)[0] == 0
    (row,) = rows(tmp_path / "out")
    answer = ask(url, f"/read{query}", NUMBER.read_bytes())
    assert row["answer"] == answer["number"].replace("\n", "" if query else "\n") == "4071"
    assert row["boxes"] == [digit["box"] for digit in answer["digits"]]
    assert np.allclose(row["probabilities"], [digit["probabilities"] for digit in answer["digits"]], atol=1e-6)
    assert row["confidence"] == pytest.approx(min(digit["confidence"] for digit in answer["digits"]), abs=1e-6)
    assert (row["accepted"], row["reason"]) == (answer["accepted"], answer["reason"])


def test_an_empty_box_of_a_grid_is_a_dot(score, tmp_path):
    picture = np.full((180, 360), 255, np.uint8)
    picture[::90], picture[:, ::90] = 0, 0
    picture[-1], picture[:, -1] = 0, 0
    cv2.putText(picture, "7", (25, 70), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 6)
    cv2.putText(picture, "4", (205, 160), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 6)
    cv2.imwrite(str(tmp_path / "form.png"), picture)
    score(tmp_path / "form.png", "--out", tmp_path / "out", "--as", "grid=2x4")
    (row,) = rows(tmp_path / "out")
    assert [[cell == "." for cell in line] for line in row["answer"].split("\n")] == [
        [False, True, True, True], [True, True, False, True]
    ]  # fmt: skip


def test_the_schema_and_the_versions_are_those_that_are_stated(scored):
    (shard,) = scored.glob("part-*.parquet")
    schema = pq.read_schema(shard)
    documented = (serving.ROOT / "docs/scoring.md").read_text()
    for field in schema:
        assert f"| `{field.name}` |" in documented
    assert schema.names == [
        "path", "page", "answer", "probabilities", "confidence", "digit_score", "accepted", "reason", "boxes", "error"
    ]  # fmt: skip
    metadata = json.loads(schema.metadata[b"digits"])
    for name, store in (("digits", STORE), ("numbers", NUMBERS)):
        files = json.loads((Store(store).resolve(1) / "model.json").read_text())["files"]
        assert metadata["models"][name] == {"version": 1, "sha256": files["network.int8.tflite"]["sha256"]}
    assert metadata["as"] == "digit"


def test_every_format_has_the_same_rows(score, pictures, scored, tmp_path):
    for format in ("csv", "jsonl"):
        assert score(pictures, "--out", tmp_path / format, "--format", format)[0] == 3
    (text,), (lines,) = (list((tmp_path / format).glob(f"part-*.{format}")) for format in ("csv", "jsonl"))
    expected = rows(scored)
    documents = [json.loads(line) for line in lines.read_text().splitlines()]
    with text.open(newline="") as file:
        cells = list(csv.DictReader(file))
    assert len(documents) == len(cells) == len(expected)
    for row, document, cell in zip(expected, documents, cells, strict=True):
        assert {
            name: None if value == "" else value
            for name, value in cell.items()
            if name in ("path", "answer", "reason", "error")
        } == {name: row[name] for name in ("path", "answer", "reason", "error")}
        for read in (
            document,
            {
                name: json.loads(value or "null")
                for name, value in cell.items()
                if name in ("probabilities", "confidence", "accepted")
            },
        ):
            assert read["accepted"] == row["accepted"]
            assert np.float32(read["confidence"] or 0) == np.float32(row["confidence"] or 0)
            assert np.array_equal(np.float32(read["probabilities"] or []), np.float32(row["probabilities"] or []))


def test_the_summary_counts_every_row(scored):
    read, summary = rows(scored), json.loads((scored / "summary.json").read_bytes())
    assert summary["pictures"] == len(read)
    assert summary["accepted"] == sum(bool(row["accepted"]) for row in read)
    assert summary["errors"] == {"undecodable_image": 1}
    assert summary["reasons"]["blank"] == 1
    assert sum(summary["digits"].values()) == sum(row["answer"] is not None for row in read)
    assert summary["drift"]["validation_n"] == 10_000


def test_the_page_shows_the_doubtful_ones_as_pictures(scored):
    page = (scored / "index.html").read_text()
    doubtful = [row for row in rows(scored) if row["reason"] in ("ambiguous", "several_digits", "not_a_digit")]
    assert doubtful
    assert page.count('src="data:image/png;base64,') == len(doubtful)
    for row in doubtful:
        assert row["path"] in page


def test_pictures_unlike_those_of_the_validation_are_called_so(score, pngs, digits, tmp_path):
    with zipfile.ZipFile(tmp_path / "mnist.zip", "w") as archive:
        for number, png in enumerate(pngs[:2000]):
            archive.writestr(f"{number}.png", png)
    with zipfile.ZipFile(tmp_path / "turned.zip", "w") as archive:
        for number, digit in enumerate(digits[:300]):
            archive.writestr(f"{number}.png", cv2.imencode(".png", np.rot90(digit))[1].tobytes())
    drifted = {}
    for name in ("mnist", "turned"):
        assert score(tmp_path / f"{name}.zip", "--out", tmp_path / name)[0] == 0
        drifted[name] = json.loads((tmp_path / name / "summary.json").read_bytes())["drift"]["drifted"]
    assert drifted["mnist"] == []
    assert set(drifted["turned"]) == {"refused", "expected_accuracy", "digits"}


@pytest.mark.parametrize(
    ("words", "said"),
    [(["a.png"], "--out"), (["a.png", "--out", "b", "--as", "letters"], "must be digit"),
     (["a.png", "--out", "b", "--as", "grid=0x9"], "rows x columns"), (["a.png", "--out", "b", "--format", "xml"], "xml")],
)  # fmt: skip
def test_a_wrong_command_line_ends_with_status_2(score, words, said):
    status, text = score(*words)
    assert status == 2
    assert said in text


def test_a_model_that_is_missing_ends_with_status_1(score, tmp_path):
    status, said = score(SEVEN, "--out", tmp_path / "out", DIGITS_VERSION="99")
    assert (status, "no 99" in said) == (1, True)


def test_a_list_on_stdin_is_read_in_its_order(score, pngs, tmp_path):
    for number in range(3):
        (tmp_path / f"{number} .png").write_bytes(pngs[number])
    names = [str(tmp_path / f"{number} .png") for number in (2, 0, 1)] + [str(tmp_path / "gone.png")]
    for separator in ("\n", "\0", "\r\n"):
        (tmp_path / "list").write_text(separator.join(names) + separator)
        out = tmp_path / f"out{len(separator)}{ord(separator[0])}"
        with (tmp_path / "list").open() as stdin:
            assert score("-", "--out", out, stdin=stdin)[0] == 3
        assert [row["path"] for row in rows(out)] == names
        assert [row["answer"] for row in rows(out)] == ["1", "7", "2", None]
