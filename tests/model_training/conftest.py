from __future__ import annotations

import pytest

from model_training.__main__ import main
from models.registry.store import Store


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store whose version 1 comes from `train --preset tiny`; tests must not change it."""
    folder = tmp_path_factory.mktemp("tiny")
    arguments = ["train", "--preset", "tiny", "--seed", "3", "--quiet", "--json"]
    assert main([*arguments, "--runs", str(folder / "runs"), "--models", str(folder / "digits")]) == 0
    return Store(folder / "digits")
