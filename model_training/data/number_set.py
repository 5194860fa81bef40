"""Batches of composed strips, as many as are asked for, each batch by a seed of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model_training.data import number_lines, number_texts
from model_training.data.number_hands import Hand, random_pen
from model_training.data.number_machines import Machine
from model_training.data.number_writers import Writers
from models.numbers.strips import BUCKET, HEIGHT, Strip

SHARES = {"strokes": 0.47, "mnist": 0.18, "pictures": 0.1, "fonts": 0.09, "displays": 0.06, "odometers": 0.1}
"""Share of the lines by who writes them."""
WHOLE = 0.08
"""Share of the lines that somebody wrote as a whole, where there are any."""
WIDEST = 640
"""Pixels; longer lines are cut from the training, not from reading."""
NO_DIGIT = -1
"""Fills up labels."""
SORTED = 8
"""Batches whose strips are sorted by width together, so that little paper is added."""


class Batch(NamedTuple):
    """Strips of one width."""

    strips: NDArray[np.uint8]
    """(b, HEIGHT, w) uint8, w a multiple of BUCKET."""
    labels: NDArray[np.int32]
    """(b, most digits) int32, NO_DIGIT after the last digit."""


def random_hand(writers: Writers, generator: np.random.Generator) -> Hand:
    """Choose somebody to write a line."""
    way = generator.random() * sum(SHARES.values())
    for name, share in SHARES.items():
        way -= share
        kind = getattr(writers, name)
        if way < 0 and kind:
            who = kind[generator.integers(len(kind))] if isinstance(kind, list) else kind
            return who.hand(generator)
    return writers.mnist.hand(generator)


def line(writers: Writers, generator: np.random.Generator) -> tuple[Strip, list[int]]:
    """Compose one line, or draw one that somebody wrote as a whole."""
    while True:
        if writers.whole and generator.random() < WHOLE:
            text, strip = _whole(writers, generator)
        else:
            text = number_texts.text(generator)
            hand = random_hand(writers, generator)
            look = number_lines.random_look(generator, printed=isinstance(hand, Machine))
            strip = number_lines.random_strip(text, hand, look, generator)
        digits = number_texts.digits_of(text)
        if 4 * len(digits) < strip.shape[1] <= WIDEST:
            return strip, digits


def _whole(writers: Writers, generator: np.random.Generator) -> tuple[str, Strip]:
    text, strokes = writers.whole[generator.integers(len(writers.whole))]
    canvas = random_pen(generator).draw(strokes).bitmap
    look = number_lines.random_look(generator)
    return text, number_lines.seen(number_lines.framed(canvas, look, generator), generator)


def batches(writers: Writers, size: int, seed: tuple[int, ...]) -> Iterator[Batch]:
    """Yield batches without end; the same seed gives the same batches."""
    generator = np.random.default_rng(seed)
    while True:
        lines = sorted((line(writers, generator) for _ in range(SORTED * size)), key=lambda each: each[0].shape[1])
        for at in generator.permutation(SORTED):
            yield batch(lines[at * size : (at + 1) * size])


def batch(lines: list[tuple[Strip, list[int]]]) -> Batch:
    """Bring strips to one width, by paper on the right."""
    width = -(-max(strip.shape[1] for strip, _ in lines) // BUCKET) * BUCKET
    strips = np.zeros((len(lines), HEIGHT, width), np.uint8)
    labels = np.full((len(lines), max(max(len(digits) for _, digits in lines), 1)), NO_DIGIT, np.int32)
    for at, (strip, digits) in enumerate(lines):
        strips[at, :, : strip.shape[1]] = strip
        labels[at, : len(digits)] = digits
    return Batch(strips, labels)
