"""Take stock of handwriting before it is trained or measured on: what there is, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from model_training.data.dataset import Splits
from model_training.data.handwriting import Handwriting
from model_training.data.look_alikes import LOOK_ALIKES
from model_training.data.sample import Sample
from model_training.data.writers import SPLITS, WriterSplits
from model_training.evaluation.label_check import LabelCheck

SMALL = 100
"""Digits in a part with which one mistake more or less changes its accuracy by 1 %."""
MNIST = "MNIST"


@dataclass(frozen=True)
class Tally:
    """How many samples of each part and label one source, writer or part has."""

    name: str
    writers: int
    parts: dict[str, int]
    digits: list[int]
    """Of each digit, 0 to 9."""
    letters: int
    """And other non-digits."""

    @property
    def read(self) -> int:
        return sum(self.parts.values())


@dataclass(frozen=True)
class Inventory:
    """What was found.

    Attributes:
        sources: with MNIST's, if it takes part.
        writers: those with the most samples first.
        parts: train, validation and test.
        fixed: how many samples are in a part because a folder says so.
        torn: writers whom folders put into several parts.
        small: for each part that is too small to tell much, why.
        left_out: collection, reason, how many, the first of them.
        ignored: files of other endings.
        check: of the labels; None if no model could be asked.
    """

    sources: list[Tally]
    writers: list[Tally]
    parts: list[Tally]
    fixed: int
    torn: list[str]
    small: dict[str, str]
    left_out: list[tuple[str, str, int, str]]
    ignored: dict[str, int]
    check: LabelCheck | None

    def document(self) -> dict[str, Any]:
        """Return what JSON shows."""
        keys = ("collection", "reason", "n", "first")
        return asdict(self) | {"left_out": [dict(zip(keys, row, strict=True)) for row in self.left_out]}


def take(
    handwriting: Handwriting, by_writer: WriterSplits, splits: Splits | None = None, check: LabelCheck | None = None
) -> Inventory:
    """Count what was read and what was left out.

    Args:
        handwriting: as it was read.
        by_writer: the same samples in their parts.
        splits: MNIST, if it takes part.
        check: of the labels.
    """
    part_of = {id(sample): name for name in SPLITS for sample in getattr(by_writer, name)}
    sources: dict[str, list[Sample]] = {}
    people: dict[str, list[Sample]] = {}
    for sample in handwriting.samples:
        both = sample.source if sample.source == sample.collection else f"{sample.collection}: {sample.source}"
        sources.setdefault(both, []).append(sample)
        people.setdefault(sample.writer.rstrip("/"), []).append(sample)
    writers = [_tally(name, samples, part_of) for name, samples in people.items()]
    left_out = handwriting.left_out
    reasons = [(*key, count, left_out.first[key]) for key, count in left_out.reasons.most_common()]
    return Inventory(
        [*_of_mnist(splits), *(_tally(name, samples, part_of) for name, samples in sources.items())],
        sorted(writers, key=lambda writer: -writer.read),
        [_tally(name, getattr(by_writer, name), part_of) for name in SPLITS] if handwriting.samples else [],
        sum(bool(sample.part) for sample in handwriting.samples),
        [each.name for each in writers if len(each.parts) > 1 and _has_name(people[each.name][0])],
        _small(by_writer) if handwriting.samples else {},
        [*reasons, *_look_alikes(handwriting.samples)],
        dict(left_out.ignored.most_common()),
        check,
    )


def _of_mnist(splits: Splits | None) -> list[Tally]:
    if splits is None:
        return []
    of_part = {name: getattr(splits, name) for name in SPLITS}
    digits = sum(np.bincount(split.labels, minlength=10) for split in of_part.values())
    return [Tally(MNIST, 0, {name: len(split) for name, split in of_part.items()}, digits.tolist(), 0)]


def _tally(name: str, samples: Sequence[Sample], part_of: dict[int, str]) -> Tally:
    counted = Counter(part_of[id(sample)] for sample in samples)
    digits = Counter(sample.digit for sample in samples)
    return Tally(
        name,
        len({sample.writer for sample in samples}),
        {part: counted[part] for part in SPLITS if part in counted},
        [digits[digit] for digit in range(10)],
        digits[None],
    )


def _has_name(sample: Sample) -> bool:
    """Tell whether a writer has a name, and is not all whose pictures lie in one folder."""
    return not sample.writer.endswith("/")


def _look_alikes(samples: Sequence[Sample]) -> list[tuple[str, str, int, str]]:
    """Count the letters of each collection that are neither trained nor measured."""
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.label in LOOK_ALIKES:
            found.setdefault(sample.collection, []).append(sample)
    return [
        (collection, f"letter that may pass for a digit: {_labels(alike)}", len(alike), alike[0].where)
        for collection, alike in found.items()
    ]


def _labels(samples: Sequence[Sample]) -> str:
    return " ".join(sorted({sample.label for sample in samples}))


def _small(by_writer: WriterSplits) -> dict[str, str]:
    small = {}
    for name in SPLITS:
        digits = [sample.digit for sample in getattr(by_writer, name) if sample.digit is not None]
        absent = sorted(set(range(10)).difference(digits))
        if not digits:
            small[name] = "no digits: name folders train, validation and test, or bring five or more writers a source"
        elif absent:
            small[name] = f"no {', '.join(map(str, absent))}"
        elif len(digits) < SMALL:
            small[name] = f"{len(digits)} digits, where one mistake is {1 / len(digits):.1%}"
    return small
