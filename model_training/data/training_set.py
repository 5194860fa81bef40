"""Assemble the digits that a preset trains on and is validated on: MNIST, handwriting and non-digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training import progress
from model_training.data import machine_digits, marked_digits, non_digits, script_letters, stroke_rendering
from model_training.data.dataset import Split, Splits
from model_training.data.sample import Sample
from model_training.data.writers import WriterSplits
from model_training.presets import Mixture, Preset
from models.errors import BlankDrawing, DatasetError
from models.inference.standardization import Standardization
from models.preprocessing import rasterize
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

BACKGROUND = 10
"""The label of non-digits."""
VALIDATION_SEED = 2026
JSON_SHARE = 0.15
"""Share of the strokes that are rendered as the service renders strokes in JSON; the others as on a canvas."""


@dataclass(frozen=True)
class Part:
    """Digits of one kind, and how many of them an epoch takes."""

    split: Split
    per_epoch: int

    def __post_init__(self) -> None:
        assert 0 < self.per_epoch <= len(self.split)


@dataclass(frozen=True)
class TrainingSet:
    """All parts; their digits lie one after another."""

    parts: tuple[Part, ...]

    @property
    def per_epoch(self) -> int:
        return sum(part.per_epoch for part in self.parts)

    def joined(self) -> Split:
        """Join the digits and labels of all parts, in order."""
        return join(part.split for part in self.parts)


@dataclass(frozen=True)
class TrainingData:
    """All that a network is fitted with.

    Attributes:
        training_set: the digits that it trains on.
        validation: the digits that choose the best epoch; no writer is in both.
        standardization: fitted on MNIST's training split.
    """

    training_set: TrainingSet
    validation: Split
    standardization: Standardization


def prepare(preset: Preset, seed: int, splits: Splits, handwriting: WriterSplits) -> TrainingData:
    """Assemble the training data of a preset; MNIST's test split takes no part.

    Args:
        preset: its mixture says how much of what.
        seed: of everything random in the training set; the validation digits never change.
        splits: MNIST.
        handwriting: other handwriting; may be empty.
    """
    return TrainingData(
        for_preset(preset, seed, splits.train, handwriting.train),
        validation_digits(splits.validation, handwriting.validation),
        Standardization.fit(splits.train.digits),
    )


def for_preset(preset: Preset, seed: int, train: Split, samples: list[Sample]) -> TrainingSet:
    """Return what a preset trains on: MNIST's training split with its mixture, or with all digits of the samples."""
    if preset.mixture is not None:
        return mix(preset.mixture, seed, train, samples)
    few = train.first(preset.train_size)
    digits = [sample for sample in samples if sample.digit is not None]
    rendered = [render(digits, np.random.default_rng(seed), "handwriting")] if digits else []
    return TrainingSet(tuple(Part(split, len(split)) for split in (few, *rendered)))


def validation_digits(validation: Split, samples: list[Sample]) -> Split:
    """Join MNIST's validation split and the digits of the samples, each rendered once."""
    digits = [sample for sample in samples if sample.digit is not None]
    if not digits:
        return validation
    return join([validation, render(digits, np.random.default_rng(VALIDATION_SEED), "validation")])


def mix(mixture: Mixture, seed: int, train: Split, samples: list[Sample]) -> TrainingSet:
    """Mix MNIST, handwriting, non-digits, digits that machines print, and digits with marks.

    Args:
        mixture: how much of what.
        seed: of pens, places and generated pictures.
        train: MNIST's training split.
        samples: handwriting; may be empty.
    """
    generator = np.random.default_rng(seed)
    kinds = [
        ("strokes", [s for s in samples if s.digit is not None and s.strokes], mixture.strokes),
        ("images", [s for s in samples if s.digit is not None and s.grey is not None], mixture.images),
        ("letters", [s for s in samples if s.non_digit], mixture.letters),
    ]
    parts = [Part(train, len(train))]
    for name, chosen, per_epoch in kinds:
        if chosen:
            copies = [sample for sample in chosen for _ in range(mixture.renderings)]
            rendered = render(copies, generator, name)
            parts.append(Part(rendered, min(per_epoch, len(rendered))))
    source = marked_digits.Source(train, samples)
    makers: list[tuple[int, Callable[[int], Split]]] = [
        (mixture.made_up, lambda n: _background(non_digits.generate(n, train.digits, generator))),
        (mixture.machines, lambda n: machine_digits.generate(n, generator)),
        (mixture.marked, lambda n: marked_digits.generate(n, source, generator)),
        (mixture.scripts, lambda n: _background(script_letters.generate(n, "train", generator))),
    ]
    made = [Part(make(per_epoch * mixture.renderings // 2), per_epoch) for per_epoch, make in makers]
    return TrainingSet((*parts, *made))


def render(samples: Iterable[Sample], generator: np.random.Generator, name: str) -> Split:
    """Render and canonicalize each sample once; blank ones are left out.

    Args:
        samples: of any label.
        generator: of pen, size, place and polarity.
        name: for the progress bar.

    Returns:
        Canonical digits with labels 0 to 9 or BACKGROUND.
    """
    return render_each(samples, generator, name)[0]


def render_each(samples: Iterable[Sample], generator: np.random.Generator, name: str) -> tuple[Split, list[Sample]]:
    """Do as `render`; returns with the digits their samples, one for one."""
    digits, inked = [], []
    for sample in progress.track(list(samples), name):
        try:
            digits.append(_render(sample, generator))
        except BlankDrawing:
            continue
        inked.append(sample)
    if not digits:
        raise DatasetError(f"{name}: all drawings are blank; leave them out")
    labels = [BACKGROUND if sample.digit is None else sample.digit for sample in inked]
    return Split(np.stack(digits), np.array(labels, np.uint8)), inked


def join(splits: Iterable[Split]) -> Split:
    """Join splits, one after another."""
    splits = list(splits)
    return Split(np.concatenate([s.digits for s in splits]), np.concatenate([s.labels for s in splits]))


def _background(digits: NDArray[np.uint8]) -> Split:
    return Split(digits, np.full(len(digits), BACKGROUND, np.uint8))


def _render(sample: Sample, generator: np.random.Generator) -> NDArray[np.uint8]:
    if sample.grey is not None:
        return canonicalize(find_ink(_photograph(sample.grey, generator)))
    if generator.random() < JSON_SHARE:
        return canonicalize(rasterize.draw(sample.strokes))
    return canonicalize(find_ink(stroke_rendering.render_randomly(sample.strokes, generator)))


def _photograph(grey: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Change the resolution of an image, and blur 30 % of the images."""
    scale = generator.uniform(0.5, 1.5)
    scaled = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return cv2.GaussianBlur(scaled, (0, 0), generator.uniform(0.5, 1.5)) if generator.random() < 0.3 else scaled
