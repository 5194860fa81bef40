"""Pictures of digits, and the command as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.config import Config
from service.score import shards
from service.score.job import DIGIT, Job
from service.score.rendering.renderer import Renderer
from service.score.shard_scorer import ShardScorer
from service.score.sources import listing
from service.score.sources.tools import Tools
from tests import serving
from tests.textbook import NUMBERS, STORE


@pytest.fixture(scope="session")
def digits(splits) -> NDArray[np.uint8]:
    """MNIST's test digits, the first of which are 7, 2, 1, 0, 4, 1, 4, 9, 5, 9."""
    return splits.test.digits


@pytest.fixture(scope="session")
def pngs(digits) -> list[bytes]:
    return [cv2.imencode(".png", digit)[1].tobytes() for digit in digits[:2500]]


@pytest.fixture
def pages(digits) -> list[Image.Image]:
    """Sheets with a large digit each, anew: Pillow keeps how it wrote one."""
    return [
        Image.fromarray(255 - cv2.resize(digit, (300, 320), interpolation=cv2.INTER_CUBIC)) for digit in digits[:10]
    ]


@pytest.fixture(scope="session")
def config() -> Config:
    return Config(models=STORE, numbers=NUMBERS)


@pytest.fixture(scope="session")
def tools(config) -> Iterator[Tools]:
    made = Tools(config, Renderer(config))
    yield made
    made.renderer.close()


@pytest.fixture(scope="session")
def scorer(config) -> Iterator[ShardScorer]:
    made = ShardScorer(Job.load(config, DIGIT, None, "jsonl"))
    yield made
    made.close()


@pytest.fixture
def read(scorer, tools) -> Callable[..., list[dict[str, Any]]]:
    """read(source, ...) -> rows, in this process."""

    def read(*sources: Path | str, weight: int = shards.DIGIT_WEIGHT) -> list[dict[str, Any]]:
        rows = []
        for shard in shards.cut(listing.files([str(source) for source in sources], skip=""), tools, weight):
            result = scorer.score(shard)
            assert result.changed is None
            rows += [json.loads(line) for line in result.content.splitlines()]
        return rows

    return read


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.Popen[str]]:
    """command(word, ..., NAME=value) starts the command, as a user does."""

    def start(*words: Path | str, stdin: Any = None, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "service.score", *map(str, words)],
            cwd=serving.ROOT,
            env=serving.environment(**settings),
            stdin=stdin,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture(scope="session")
def score(command) -> Callable[..., tuple[int, str]]:
    """score(word, ..., NAME=value) runs the command to its end -> exit status and what it said."""

    def score(*words: Path | str, stdin: Any = None, **settings: str) -> tuple[int, str]:
        process = command(*words, stdin=stdin, **settings)
        _, said = process.communicate(timeout=120)
        return process.returncode, said

    return score


def answers(rows: list[dict[str, Any]]) -> str:
    """Join the answers of digits; a picture that could not be read is a ?, one without ink a space."""
    return "".join("?" if row["error"] else row["answer"] or " " for row in rows)


def codes(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["error"] and row["error"].partition(":")[0] for row in rows]
