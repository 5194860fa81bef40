"""What all shards of a run have in common."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from models.registry.artifact import ArtifactFiles
from models.registry.lines import LineFiles
from models.registry.store import Store
from service.config import Config
from service.images.pages import Grid
from service.score.shards import DIGIT_WEIGHT, NUMBER_WEIGHT

DIGIT, NUMBER, GRID = "digit", "number", "grid"


@dataclass(frozen=True)
class Job:
    """What all shards of a run have in common; it travels to the processes and machines that score them.

    Attributes:
        config: limits, and the precision of the engine.
        read_as: DIGIT, NUMBER or GRID.
        grid: rows and columns of a GRID; else None.
        format: of the shards, a key of FORMATS.
        digits: the model of digits.
        numbers: the model that reads numbers.
        directory: where relative paths begin.
    """

    config: Config
    read_as: str
    grid: Grid | None
    format: str
    digits: ArtifactFiles
    numbers: LineFiles
    directory: str = field(default_factory=os.getcwd)

    @classmethod
    def load(cls, config: Config, read_as: str, grid: Grid | None, format: str) -> Job:  # noqa: A002
        """Read the versions that the settings name.

        Raises:
            ArtifactError: one must not be used.
        """
        digits = ArtifactFiles.read(Store(config.models).resolve(config.version), config.precision)
        numbers = LineFiles.read(Store(config.numbers).resolve(), config.precision)
        return cls(config, read_as, grid, format, digits, numbers)

    @property
    def weight(self) -> int:
        """Weight of a shard."""
        return DIGIT_WEIGHT if self.read_as == DIGIT else NUMBER_WEIGHT

    @property
    def description(self) -> dict[str, Any]:
        """What the rows depend on besides the pictures; in the metadata of each shard, and one run's with another's."""
        return {
            "as": self.read_as if self.grid is None else f"{self.read_as}={self.grid[0]}x{self.grid[1]}",
            "precision": self.config.precision,
            "models": {
                files.contract.name: {
                    "version": int(files.directory.name) if files.directory.name.isdecimal() else 0,
                    "sha256": hashlib.sha256(files.network).hexdigest(),
                }
                for files in (self.digits, self.numbers)
            },
            "limits": {name: getattr(self.config, name) for name in ("max_bytes", "max_pixels")},
        }
