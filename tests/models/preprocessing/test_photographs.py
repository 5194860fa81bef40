"""The model recognizes digits in simulated photos."""

import numpy as np
import pytest

from models.errors import BlankDrawing
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink
from tests.models.preprocessing import photographs

N = 200


@pytest.mark.parametrize(
    ("take", "least"),
    [(photographs.on_plain_paper, 0.93), (photographs.in_a_grid, 0.9), (photographs.on_ruled_paper, 0.9)],
)
@pytest.mark.parametrize("light_on_dark", [False, True])
def test_photographed_digits_are_recognized(splits, model, take, least, light_on_dark):
    generator = np.random.default_rng(1)
    photos = [take(digit, generator) for digit in splits.validation.digits[:N]]
    if light_on_dark:
        photos = [255 - photo for photo in photos]
    digits = np.stack([canonicalize(find_ink(photo)) for photo in photos])
    assert (model.predict(digits).probabilities.argmax(1) == splits.validation.labels[:N]).mean() >= least


def test_most_photos_of_empty_paper_are_blank():
    generator = np.random.default_rng(1)
    blanks = 0
    for _ in range(N):
        try:
            canonicalize(find_ink(photographs.blank(generator)))
        except BlankDrawing:
            blanks += 1
    assert blanks >= 0.9 * N
