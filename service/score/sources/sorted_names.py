"""Sort more names than memory holds."""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO

RUN = 200_000
"""Names that are sorted at a time, in some 30 MB."""


def sorted_names(names: Iterable[str]) -> Iterator[str]:
    """Sort names; what is more than RUN is kept in files without names until all are merged."""
    remaining = iter(names)
    runs: list[IO[str]] = []
    while True:
        run = sorted(islice(remaining, RUN))
        if not runs and len(run) < RUN:
            return iter(run)
        if not run:
            return heapq.merge(*map(_read, runs))
        runs.append(_write(run))


def _write(names: list[str]) -> IO[str]:
    file = tempfile.TemporaryFile("w+")  # noqa: SIM115 (it is given away open)
    file.writelines(json.dumps(name) + "\n" for name in names)  # a name may hold a line's end, or no text at all
    file.seek(0)
    return file


def _read(file: IO[str]) -> Iterator[str]:
    with file:
        yield from map(json.loads, file)
