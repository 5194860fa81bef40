"""Load the committed reader of lines, and refuse one whose contract holds an impossible lag."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.errors import ArtifactCorrupt
from models.registry import lines
from models.registry.contract import CONTRACT_FILE, READER
from models.registry.store import ARTIFACTS, Store


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Store(ARTIFACTS / READER).resolve(), tmp_path / "1"))


def test_the_committed_reader_has_a_lag(copy: Path) -> None:
    assert lines.load(copy, "int8").contract.lag == json.loads((copy / CONTRACT_FILE).read_bytes())["lag"]


@pytest.mark.parametrize("lag", [13, -13, float("nan"), float("inf"), "4", None])
def test_a_reader_with_an_impossible_lag_is_refused(copy: Path, lag: Any) -> None:
    document = json.loads((copy / CONTRACT_FILE).read_bytes())
    (copy / CONTRACT_FILE).write_text(json.dumps(document | {"lag": lag}))
    with pytest.raises(ArtifactCorrupt, match="lag"):
        lines.load(copy)


def test_a_reader_without_a_lag_is_refused(copy: Path) -> None:
    document = json.loads((copy / CONTRACT_FILE).read_bytes())
    del document["lag"]
    (copy / CONTRACT_FILE).write_text(json.dumps(document))
    with pytest.raises(ArtifactCorrupt, match="lacks lag"):
        lines.load(copy)
