"""The shards of a run, kept in a file without a name, since those of a million files fill memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from service.score.shards import Shard


class Plan:
    """All shards, in order.

    Args:
        shards: are read once.
        directory: where there is room for them.

    Attributes:
        names: of all shards.
        pictures: in all shards.
    """

    def __init__(self, shards: Iterable[Shard], directory: Path) -> None:
        self.names: set[str] = set()
        self.pictures = 0
        self._file = tempfile.TemporaryFile("w+", dir=directory)  # noqa: SIM115 (it is given away open)
        for shard in shards:
            self._file.write(json.dumps(shard) + "\n")
            self.names.add(shard.name)
            self.pictures += shard.total

    def __iter__(self) -> Iterator[Shard]:
        self._file.seek(0)
        return (Shard(*json.loads(line)) for line in self._file)
