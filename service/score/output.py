"""The directory of results: shards and tallies, each written beside and renamed, and what they are of."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.errors import DigitsError
from models.registry.staging import replace_file, write_lock
from service.score.plan import Plan
from service.score.shard_scorer import ShardResult
from service.score.tally import Tally

JOB_FILE = "_job.json"
TALLIES = "_tallies"
"""Beside the shards; readers of a folder of Parquet pass over names that begin so."""


class OutputError(DigitsError):
    """The directory cannot take these results."""


class Output:
    """The results of one job, of which only one process writes at a time.

    Args:
        directory: is made if it is not there.
        ending: of the names of shards.
    """

    def __init__(self, directory: Path, ending: str) -> None:
        self.directory = directory
        self._ending = ending
        self._tallies = directory / TALLIES

    @contextlib.contextmanager
    def opened(self, job: dict[str, Any]) -> Iterator[None]:
        """Keep other writers out while results are written.

        Args:
            job: what the results depend on besides the sources.

        Raises:
            OutputError: the directory holds something else, or cannot be written.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with write_lock(self.directory):
                self._check(job)
                self._tallies.mkdir(exist_ok=True)
                replace_file(self.directory / JOB_FILE, json.dumps(job, indent=2).encode() + b"\n")
                yield
        except OSError as error:
            raise OutputError(f"{self.directory}: cannot be written ({error.strerror or error})") from error

    def done(self, plan: Plan) -> set[str]:
        """List the shards of a plan that are there, whole."""
        return {name for name in self._names() if name in plan.names and (self._tallies / f"{name}.json").exists()}

    def remove_others(self, plan: Plan) -> int:
        """Remove the shards of sources that are no longer so; return how many there were."""
        others = [name for name in self._names() if name not in plan.names]
        for name in others:
            self._shard(name).unlink()
        for tally in self._tallies.iterdir():
            if tally.stem not in plan.names:
                tally.unlink()
        return len(others)

    def write(self, result: ShardResult) -> None:
        """Write a shard; its tally first, so that whoever sees the shard finds both."""
        replace_file(self._tallies / f"{result.name}.json", result.tally)
        replace_file(self._shard(result.name), result.content)

    def write_summary(self, name: str, content: bytes) -> None:
        """Write a file about all shards."""
        replace_file(self.directory / name, content)

    def total(self) -> Tally:
        """Add up the tallies of all shards, in their order."""
        total = Tally()
        for name in self._names():
            total.add(Tally.load((self._tallies / f"{name}.json").read_bytes()))
        return total

    def _check(self, job: dict[str, Any]) -> None:
        try:
            before = json.loads((self.directory / JOB_FILE).read_bytes())
        except FileNotFoundError:
            if any(path.name != ".lock" for path in self.directory.iterdir()):
                raise OutputError(f"{self.directory}: holds other files; name an empty directory with --out") from None
            return
        except ValueError as error:
            raise OutputError(f"{self.directory / JOB_FILE}: is damaged ({error}); name another directory") from error
        different = [name for name in job if before.get(name) != job[name]]
        if different and any(self.directory.glob("part-*")):
            values = ", ".join(f"{name} {json.dumps(before.get(name))}" for name in different)
            raise OutputError(
                f"{self.directory}: holds results of {values}; name another directory with --out, or remove this one"
            )

    def _names(self) -> list[str]:
        return sorted(path.name.removesuffix(self._ending) for path in self.directory.glob(f"part-*{self._ending}"))

    def _shard(self, name: str) -> Path:
        return self.directory / f"{name}{self._ending}"
