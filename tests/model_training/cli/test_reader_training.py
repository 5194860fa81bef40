"""Train, save, load and evaluate the reader in miniature by the real command."""

import json
from pathlib import Path

import numpy as np
import pytest

from model_training.__main__ import main
from models.errors import ArtifactCorrupt
from models.numbers.ctc import CLASSES, STRIDE
from models.registry import artifact, lines
from models.registry.store import ARTIFACTS, Store


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of strokes by ten writers, of whom two are of the test part."""
    strokes = [[[0, 10], [6, 10], [2, 0]]]
    lines_ = [
        json.dumps({"label": str(digit), "writer": f"writer {writer}", "strokes": strokes})
        for writer in range(10)
        for digit in range(10)
    ]
    path = tmp_path_factory.mktemp("strokes") / "tablet.jsonl"
    path.write_text("\n".join(lines_))
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, anna: Path) -> Store:
    """A store whose version 1 comes from `train --preset tiny_numbers`; tests must not change it."""
    folder = tmp_path_factory.mktemp("numbers")
    arguments = ["train", "--preset", "tiny_numbers", "--quiet", "--json", "--extra", str(anna)]
    assert main([*arguments, "--runs", str(folder / "runs"), "--models", str(folder / "numbers")]) == 0
    return Store(folder / "numbers")


def test_the_first_reader_is_stable_and_can_be_loaded(store: Store):
    assert store.labels()["stable"] == 1
    strip = np.zeros((32, 100), np.uint8)
    float32, int8 = (
        lines.load(store.resolve(), precision).log_probabilities(strip) for precision in ("float32", "int8")
    )
    assert float32.shape == int8.shape == (100 // STRIDE, CLASSES)
    assert np.exp(float32).sum(axis=1) == pytest.approx(1)
    assert float32 == pytest.approx(int8, abs=0.3)
    artifact.check(store.resolve())


def test_its_record_tells_each_kind(store: Store):
    record = json.loads((store.resolve() / "report.json").read_bytes())
    assert record["epochs"] == 1
    assert set(record["kinds"]["float32"]) == {"apart", "close", "touching", "ruled"}


def test_a_reader_serves_no_digits_and_the_other_way_round(store: Store):
    with pytest.raises(ArtifactCorrupt, match="digits"):
        lines.load(Store(ARTIFACTS / "digits").resolve())
    with pytest.raises(ArtifactCorrupt):
        artifact.load(store.resolve())


def test_evaluate_measures_a_reader_on_other_handwriting(store: Store, anna: Path, capsys: pytest.CaptureFixture[str]):
    sheet = anna.with_name("mistakes.png")
    arguments = [
        "evaluate",
        "1",
        "--models",
        str(store.root),
        "--data",
        str(anna),
        "--count",
        "2",
        "--mistakes",
        str(sheet),
    ]
    assert main([*arguments, "--quiet", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["kinds"]["touching"].keys() >= {"exact", "beam", "both", "single digits", "cer", "ms"}
    assert sheet.read_bytes().startswith(b"\x89PNG")
