"""People's digits as three splits, no writer in two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from model_training.data.handwriting import Specimen

SEED = "2026"
"""Which writers are held out. Never changed, so that versions can be compared on them."""
TEST_SHARE, VALIDATION_SHARE = 0.2, 0.1
"""Of the writers of each source."""


@dataclass(frozen=True)
class People:
    """Specimens, divided by writer."""

    train: list[Specimen]
    validation: list[Specimen]
    test: list[Specimen]

    def summary(self) -> dict[str, dict[str, int]]:
        """How many specimens of how many writers each part holds."""
        return {
            name: {"specimens": len(part), "writers": len({specimen.writer for specimen in part})}
            for name, part in vars(self).items()
        }


def split(specimens: Iterable[Specimen]) -> People:
    """Divide the writers of each source 70 / 10 / 20 by the hash of their names, always the same way.

    A writer's digits and letters fall into the same part. A source of one or two writers is for training alone.
    """
    specimens = list(specimens)
    writers: dict[str, set[str]] = {}
    for specimen in specimens:
        writers.setdefault(specimen.source, set()).add(specimen.writer)
    part: dict[str, str] = {}
    for names in writers.values():
        ranked = sorted(names, key=_rank)
        test = round(TEST_SHARE * len(ranked))
        validation = test + round(VALIDATION_SHARE * len(ranked))
        for place, name in enumerate(ranked):
            part[name] = "test" if place < test else "validation" if place < validation else "train"
    chosen = {name: [s for s in specimens if part[s.writer] == name] for name in ("train", "validation", "test")}
    return People(**chosen)


def _rank(writer: str) -> str:
    return hashlib.sha256(f"{SEED}/{writer}".encode()).hexdigest()
