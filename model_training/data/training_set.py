"""What a network is trained on, as arrays: MNIST, and for `best` what people wrote and what is no digit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training import progress
from model_training.data import drawing_styles, non_digits
from model_training.data.dataset import Split
from model_training.data.handwriting import LOOK_LIKE_DIGITS, Specimen
from model_training.presets import Mixture, Preset
from models.errors import BlankDrawing, DatasetError
from models.preprocessing import rasterize
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

BACKGROUND = 10
"""The label of what is no digit."""
VALIDATION_SEED = 2026
AS_JSON = 0.15
"""Share of the strokes that are drawn as the service draws strokes in JSON, not as a canvas would."""


@dataclass(frozen=True)
class Part:
    """Digits of one kind, and how many of them an epoch takes."""

    split: Split
    per_epoch: int

    def __post_init__(self) -> None:
        assert 0 < self.per_epoch <= len(self.split)


@dataclass(frozen=True)
class Corpus:
    """All parts; their digits lie one after another."""

    parts: tuple[Part, ...]

    @property
    def per_epoch(self) -> int:
        return sum(part.per_epoch for part in self.parts)

    def joined(self) -> Split:
        """The digits and labels of every part, in order."""
        return join(part.split for part in self.parts)


def of_preset(preset: Preset, train: Split, specimens: list[Specimen], seed: int) -> Corpus:
    """What a preset trains on: MNIST's training split, and its mixture if it has one, or else people's digits."""
    if preset.mixture is not None:
        return of_people(train, specimens, preset.mixture, seed)
    few = train.first(preset.train_size)
    digits = [specimen for specimen in specimens if specimen.digit is not None]
    drawn = [render(digits, np.random.default_rng(seed), "people's digits")] if digits else []
    return Corpus(tuple(Part(split, len(split)) for split in (few, *drawn)))


def held_out(validation: Split, specimens: list[Specimen]) -> Split:
    """MNIST's validation split and the digits of the writers held out for it, each drawn once."""
    digits = [specimen for specimen in specimens if specimen.digit is not None]
    if not digits:
        return validation
    return join([validation, render(digits, np.random.default_rng(VALIDATION_SEED), "validation")])


def of_people(train: Split, specimens: list[Specimen], mixture: Mixture, seed: int) -> Corpus:
    """MNIST with what people wrote and what is no digit beside it.

    Args:
        train: MNIST's training split.
        specimens: of the writers that are trained on; may be empty.
        mixture: how much of what.
        seed: of pens, places and everything made up.
    """
    generator = np.random.default_rng(seed)
    letters = [s for s in specimens if s.digit is None and s.label not in LOOK_LIKE_DIGITS]
    kinds = [
        ("strokes", [s for s in specimens if s.digit is not None and s.strokes], mixture.strokes),
        ("images", [s for s in specimens if s.digit is not None and s.grey is not None], mixture.images),
        ("letters", letters, mixture.letters),
    ]
    parts = [Part(train, len(train))]
    for name, chosen, per_epoch in kinds:
        if chosen:
            copies = [specimen for specimen in chosen for _ in range(mixture.renderings)]
            rendered = render(copies, generator, name)
            parts.append(Part(rendered, min(per_epoch, len(rendered))))
    made = non_digits.make(mixture.made_up * mixture.renderings // 2, train.digits, generator)
    parts.append(Part(Split(made, np.full(len(made), BACKGROUND, np.uint8)), mixture.made_up))
    return Corpus(tuple(parts))


def render(specimens: Iterable[Specimen], generator: np.random.Generator, name: str) -> Split:
    """Draw each specimen once and canonicalize it; what turns out blank is left out.

    Args:
        specimens: of any label.
        generator: of pen, size, place and polarity.
        name: what the progress bar says.

    Returns:
        Canonical digits, and labels 0 to 9 or BACKGROUND.
    """
    return render_each(specimens, generator, name)[0]


def render_each(
    specimens: Iterable[Specimen], generator: np.random.Generator, name: str
) -> tuple[Split, list[Specimen]]:
    """As `render`, and beside the digits the specimens that they come from, one for one."""
    digits, drawn = [], []
    for specimen in progress.bar(specimens, desc=name, unit="drawing"):
        try:
            digits.append(_drawn(specimen, generator))
        except BlankDrawing:
            continue
        drawn.append(specimen)
    if not digits:
        raise DatasetError(f"{name}: nothing but blank drawings; leave them out")
    labels = [BACKGROUND if specimen.digit is None else specimen.digit for specimen in drawn]
    return Split(np.stack(digits), np.array(labels, np.uint8)), drawn


def join(splits: Iterable[Split]) -> Split:
    """Splits, one after another."""
    splits = list(splits)
    return Split(np.concatenate([s.digits for s in splits]), np.concatenate([s.labels for s in splits]))


def _drawn(specimen: Specimen, generator: np.random.Generator) -> NDArray[np.uint8]:
    if specimen.grey is not None:
        return canonicalize(find_ink(_photographed(specimen.grey, generator)))
    if generator.random() < AS_JSON:
        return canonicalize(rasterize.draw(specimen.strokes))
    return canonicalize(find_ink(drawing_styles.draw_freely(specimen.strokes, generator)))


def _photographed(grey: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """The image at another resolution, now and then out of focus."""
    scale = generator.uniform(0.5, 1.5)
    scaled = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return cv2.GaussianBlur(scaled, (0, 0), generator.uniform(0.5, 1.5)) if generator.random() < 0.3 else scaled
