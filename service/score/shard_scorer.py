"""One shard -> its rows in a file's bytes, its tally, and whether its sources are still what they were."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from service.score.formats import FORMATS
from service.score.job import Job
from service.score.rendering.renderer import Renderer
from service.score.row import Row
from service.score.scorer import Scorer
from service.score.shards import Shard
from service.score.sources import storage
from service.score.sources.tools import Tools
from service.score.tally import Tally


class ShardResult(NamedTuple):
    """What a shard comes to.

    Attributes:
        name: of the shard.
        total: pictures that were planned.
        content: bytes of the file of rows.
        tally: as `Tally.dump` writes it.
        errors: rows of pictures that could not be read.
        changed: a source that changed since it was listed, so that the rows are of no use; None if none did.
    """

    name: str
    total: int
    content: bytes
    tally: bytes
    errors: int
    changed: str | None


class ShardScorer:
    """Scores one shard after the other, in a process of its own.

    Args:
        job: what they have in common.

    Raises:
        ArtifactError: a model cannot be run.
    """

    def __init__(self, job: Job) -> None:
        pa.set_cpu_count(1)
        self._job = job
        self._scorer = Scorer(job)
        self._tools = Tools(job.config, Renderer(job.config))
        gc.collect()
        gc.freeze()  # the collector need not look through libraries and models after each shard

    def close(self) -> None:
        """End the processes that decode and render."""
        self._scorer.close()
        self._tools.renderer.close()

    def score(self, shard: Shard, careful: bool = False) -> ShardResult:
        """Score a shard; `careful` is as for `Scorer.score`."""
        with _no_collector():
            tally, rows = self._read(shard, careful)
            content = FORMATS[self._job.format](rows, self._job.read_as, self._job.description)
            return ShardResult(shard.name, shard.total, content, tally.dump(), tally.errors.total(), _changed(shard))

    def _read(self, shard: Shard, careful: bool) -> tuple[Tally, list[Row]]:
        tally, rows = Tally(), list[Row]()
        for row, seen in self._scorer.score(shard.read(self._tools), careful):
            if not row.path.isascii():
                row = row._replace(path=_text(row.path))
            rows.append(row)
            tally.count(row, seen)
        return tally, rows


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Collect garbage once a shard: to look through its rows again and again takes a twelfth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect(0)  # all that is new


def _changed(shard: Shard) -> str | None:
    """Find a source that is no longer what it was when it was listed."""
    for file in shard.files():
        try:
            if file.stamp and storage.status(file.path) != file:
                return file.path
        except OSError:
            return file.path
    return None


def _text(path: str) -> str:
    """Spell a path that is no text with backslashes."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")
