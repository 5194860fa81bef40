"""Make digits with marks to train and to measure on: the label is the digit, since that is what is meant."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from model_training.data import stroke_rendering
from model_training.data.dataset import Split
from model_training.data.marked_pictures import KINDS, Grey, Kind, compose
from model_training.data.marks import Ink, Written
from model_training.data.sample import Sample
from models.errors import BlankDrawing
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

ROOM = 3.2
"""Side of a page, in heights of its digit."""
TALL = (70, 110)
"""Pixels of a digit on its page."""
BY_STROKES = 0.5
"""Share of the digits that are drawn from strokes, where there are any; the others are MNIST's."""
PEN = (0.05, 0.13)
"""Width of their pen, in heights of the digit."""
VISIBLE = 0.06
"""Least share of the ink in a canonical digit that is not there without the digit."""


class Source:
    """Digits to be marked: MNIST's, and those of samples with strokes.

    Args:
        mnist: of one part.
        samples: of writers of the same part.
    """

    def __init__(self, mnist: Split, samples: list[Sample]) -> None:
        self._mnist = [mnist.digits[mnist.labels == digit] for digit in range(10)]
        self._strokes = [[s for s in samples if s.digit == digit and s.strokes] for digit in range(10)]
        self.labels = [digit for digit in range(10) if len(self._mnist[digit]) or self._strokes[digit]]

    def kinds(self) -> list[Kind]:
        """Return the kinds of marks that its digits can have."""
        return [kind for kind in KINDS if kind.only is None or kind.only in self.labels]

    def write(self, label: int, generator: np.random.Generator) -> Written:
        """Write a digit in the middle of a page."""
        tall = float(generator.uniform(*TALL))
        samples, digits = self._strokes[label], self._mnist[label]
        if samples and (not len(digits) or generator.random() < BY_STROKES):
            ink = _rendered(samples[generator.integers(len(samples))], generator)
        else:
            ink = digits[generator.integers(len(digits))]
        x, y, width, height = cv2.boundingRect(ink)
        scale = tall / max(height, width)
        size = max(round(width * scale), 2), max(round(height * scale), 2)
        glyph = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=cv2.INTER_CUBIC)
        side = round(ROOM * tall)
        left, top = (side - size[0]) // 2, (side - size[1]) // 2
        page = np.zeros((side, side), np.uint8)
        page[top : top + size[1], left : left + size[0]] = glyph
        return Written(page, label, left, top, *size, pen=_pen(page))


def generate(n: int, source: Source, generator: np.random.Generator) -> Split:
    """Make canonical digits with marks of all kinds; those of which the mark alone is left are made anew."""
    kinds = source.kinds()
    likely = np.array([kind.likely for kind in kinds])
    digits, labels = [], []
    while len(digits) < n:
        kind = kinds[generator.choice(len(kinds), p=likely / likely.sum())]
        written = _write(kind, source, generator)
        seed = int(generator.integers(1 << 32))
        marked, without = (_canonical(kind, each, seed) for each in (written, _without_digit(written)))
        if marked is not None and _is_visible(marked, without):
            digits.append(marked)
            labels.append(written.label)
    return Split(np.stack(digits), np.array(labels, np.uint8))


def of_each_kind(n: int, source: Source, generator: np.random.Generator) -> dict[str, tuple[list[Grey], list[int]]]:
    """Compose n pictures of each kind with their labels, as they are sent, whatever becomes of them."""
    made = {}
    for kind in source.kinds():
        written = [_write(kind, source, generator) for _ in range(n)]
        made[kind.name] = [compose(kind, each, generator) for each in written], [each.label for each in written]
    return made


def _write(kind: Kind, source: Source, generator: np.random.Generator) -> Written:
    label = kind.only if kind.only is not None else source.labels[generator.integers(len(source.labels))]
    return source.write(label, generator)


def _without_digit(written: Written) -> Written:
    return replace(written, ink=np.zeros_like(written.ink))


def _canonical(kind: Kind, written: Written, seed: int) -> Grey | None:
    try:
        return canonicalize(find_ink(compose(kind, written, np.random.default_rng(seed))))
    except BlankDrawing:
        return None


def _is_visible(marked: Grey, without: Grey | None) -> bool:
    if without is None:
        return True
    return float(cv2.norm(marked, without, cv2.NORM_L1)) > VISIBLE * float(marked.sum())


def _rendered(sample: Sample, generator: np.random.Generator) -> Ink:
    pen = generator.uniform(*PEN) * 0.8
    return stroke_rendering.render(sample.strokes, pen=pen, extent=0.8, place=(0.5, 0.5), dark_ink=False)


def _pen(page: Ink) -> float:
    """Estimate the width of strokes: an erosion by a pixel takes an area of twice their length."""
    _, mask = cv2.threshold(page, 127, 255, cv2.THRESH_BINARY)
    area = cv2.countNonZero(mask)
    return 2 * area / max(area - cv2.countNonZero(cv2.erode(mask, np.ones((3, 3), np.uint8))), 1)
