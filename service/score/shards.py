"""What there is to score, cut into shards: as much work each as a kill may cost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from models.errors import RequestError, UnusableInput
from service.score.sources import kinds
from service.score.sources.signatures import PICTURE
from service.score.sources.source import File, Picture
from service.score.sources.tools import Tools

DIGIT_WEIGHT = 4096
"""Weight of a shard of digits: so many small pictures, about a second's work."""
NUMBER_WEIGHT = 512
"""The same of numbers, each of which takes longer."""
HEAVY_BYTES = 1 << 18
"""Bytes of a picture that weigh as much as a small picture besides."""
DIGEST = 12
"""Hexadecimal digits of a shard's name that tell its sources."""


@dataclass(slots=True)
class Slice:
    """Pictures that lie one after the other.

    Attributes:
        kind: of the files, a key of KINDS.
        files: one, or pictures that are files of their own.
        start: where the first picture begins.
        count: pictures; a member of an archive is one, however many pages it has.
        error: code and detail of why they cannot be read; None if they can.
    """

    kind: str
    files: list[File]
    start: int
    count: int = 1
    error: tuple[str, str] | None = None

    def join(self, other: Slice) -> bool:
        """Take one more picture in if it is the next one; tell whether it is."""
        if self.error or other.error or self.kind != other.kind:
            return False
        if self.kind == PICTURE:
            self.files += other.files
        elif self.files != other.files:
            return False
        self.count += 1
        return True


class Shard(NamedTuple):
    """A part of the work.

    Attributes:
        number: from 0.
        total: pictures.
        slices: as JSON, which travels to the process that scores it.
    """

    number: int
    total: int
    slices: str

    @property
    def name(self) -> str:
        """Name of its results, which another content of the sources changes."""
        digest = hashlib.sha256(self.slices.encode()).hexdigest()
        return f"part-{self.number:05}-{digest[:DIGEST]}"

    def parse(self) -> list[Slice]:
        """Read the slices."""
        return [
            Slice(kind, [File(*file) for file in files], start, count, error and (error[0], error[1]))
            for kind, files, start, count, error in json.loads(self.slices)
        ]

    def files(self) -> list[File]:
        """List the files that it is read from."""
        return [file for found in self.parse() for file in found.files]

    def read(self, tools: Tools) -> Iterator[Picture]:
        """Read the pictures, in order."""
        for found in self.parse():
            if found.error:
                yield Picture(found.files[0].path, None, UnusableInput(*found.error))
            elif found.kind == PICTURE:
                for file in found.files:
                    yield from kinds.read(PICTURE, file, 0, 1, tools)
            else:
                yield from kinds.read(found.kind, found.files[0], found.start, found.count, tools)


def cut(files: Iterable[File], tools: Tools, weight: int) -> Iterator[Shard]:
    """Cut all pictures of files into shards, the same whenever the files are the same.

    Args:
        files: in order.
        tools: to look into them.
        weight: of a shard, in small pictures.
    """
    number, slices, weighs = 0, list[Slice](), 0
    for single, size in _singles(files, tools):
        if not slices or not slices[-1].join(single):
            slices.append(single)
        weighs += 1 + size // HEAVY_BYTES
        if weighs >= weight:
            yield _shard(number, slices)
            number, slices, weighs = number + 1, [], 0
    if slices:
        yield _shard(number, slices)


def _singles(files: Iterable[File], tools: Tools) -> Iterator[tuple[Slice, int]]:
    """Find every picture, with its bytes; what is wrong with a file stands behind those that were found in it."""
    for file in files:
        kind = PICTURE
        try:
            kind = kinds.kind_of(file)
            for mark in kinds.marks(kind, file, tools):
                yield Slice(kind, [file], mark.start), mark.size
        except RequestError as error:
            yield Slice(kind, [file], 0, error=(error.code, error.detail)), 0


def _shard(number: int, slices: list[Slice]) -> Shard:
    parts = [(found.kind, found.files, found.start, found.count, found.error) for found in slices]
    return Shard(number, sum(found.count for found in slices), json.dumps(parts, separators=(",", ":")))
