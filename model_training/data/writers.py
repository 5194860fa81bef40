"""Split handwriting by writer, so that no writer is in two splits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from model_training.data.parts import PARTS
from model_training.data.sample import Sample

SEED = "2026"
"""Chooses the writers held out. Must never change, or versions could not be compared on them."""
TEST_SHARE, VALIDATION_SHARE = 0.2, 0.1
"""Of the writers of each source."""
SPLITS = PARTS


@dataclass(frozen=True)
class WriterSplits:
    """Samples, split by writer."""

    train: list[Sample]
    validation: list[Sample]
    test: list[Sample]

    def summary(self) -> dict[str, dict[str, int]]:
        """Count the samples (`specimens`) and writers of each split."""
        return {
            name: {"specimens": len(samples), "writers": len({sample.writer for sample in samples})}
            for name, samples in vars(self).items()
        }


def split(samples: Iterable[Sample]) -> WriterSplits:
    """Divide samples as their folders say, and else the writers of each source 70 / 10 / 20 by the hash of their names.

    The split is always the same. All samples of a writer fall into the same split, unless folders put them into
    several. A source of one or two writers is for training alone.
    """
    samples = list(samples)
    split_of = {sample.writer: sample.part for sample in samples if sample.part}
    by_source: dict[str, set[str]] = {}
    for sample in samples:
        if sample.writer not in split_of:
            by_source.setdefault(sample.source, set()).add(sample.writer)
    for names in by_source.values():
        ranked = sorted(names, key=_rank)
        test = round(TEST_SHARE * len(ranked))
        validation = test + round(VALIDATION_SHARE * len(ranked))
        for place, name in enumerate(ranked):
            split_of[name] = "test" if place < test else "validation" if place < validation else "train"
    return WriterSplits(**{name: [s for s in samples if (s.part or split_of[s.writer]) == name] for name in SPLITS})


def _rank(writer: str) -> str:
    return hashlib.sha256(f"{SEED}/{writer}".encode()).hexdigest()
