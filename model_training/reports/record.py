"""What `report.json` beside a version's weights tells of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ArtifactCorrupt

REPORT_FILE = "report.json"


@dataclass(frozen=True)
class Record:
    """A version's `report.json`, as training wrote it."""

    document: dict[str, Any]

    @classmethod
    def read(cls, directory: Path) -> Record | None:
        """The record of a version; None if it has none.

        Raises:
            ArtifactCorrupt: it does not parse.
        """
        path = directory / REPORT_FILE
        try:
            return cls(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise ArtifactCorrupt(f"{path}: not valid JSON ({error}); restore the file or delete it") from error

    def summary(self) -> dict[str, Any]:
        """What fits on a line."""
        document = self.document
        return {
            "preset": document["preset"]["name"],
            "seed": document["seed"],
            "parameters": document["parameters"],
            "validation_accuracy": document["validation"]["accuracy"],
            "test_accuracy": document["test"]["accuracy"],
            "ece": document["test"]["ece"],
            "trained_at": document["trained_at"],
        }

    def beats(self, other: Record) -> bool:
        """Whether it reads the validation split better: accuracy first, then loss."""
        ours, theirs = (record.document["validation"] for record in (self, other))
        return (ours["accuracy"], -ours["loss"]) > (theirs["accuracy"], -theirs["loss"])
