"""Marks are drawn around, under, beside and into digits, and leave the digit as it is."""

import cv2
import numpy as np
import pytest

from model_training.data import marked_digits, marked_pictures
from model_training.data.handwriting import Sample
from model_training.data.marked_digits import Source

SEVEN = (np.array([[0.0, 0], [160, 0], [60, 180]]),)
BESIDE = {"ring", "underline", "box", "brackets", "check mark", "comma or full stop", "currency sign"}
WITH_MARK = [kind for kind in marked_pictures.KINDS if kind.mark]


@pytest.fixture(scope="module")
def source(splits):
    return Source(splits.test, [Sample("7", "t/a", "t", "t", SEVEN)])


@pytest.mark.parametrize("kind", WITH_MARK, ids=lambda kind: kind.name)
def test_a_mark_is_drawn_on_the_page_and_stays_off_the_digit_unless_it_belongs_into_it(kind, source):
    generator = np.random.default_rng(1)
    covered = []
    for _ in range(30):
        written = source.write(7 if kind.only is None else kind.only, generator)
        mark = kind.mark(written, generator)
        assert mark.shape == written.ink.shape
        assert (mark > 127).sum() >= 3
        box = mark[written.top : written.top + written.height, written.left : written.left + written.width]
        covered.append((box > 127).mean())
    if kind.name in BESIDE:
        assert np.median(covered) < 0.02
    else:
        assert 0.001 < np.median(covered) < 0.4


@pytest.mark.parametrize("kind", marked_pictures.KINDS, ids=lambda kind: kind.name)
def test_pictures_have_any_size_and_polarity(kind, source):
    generator = np.random.default_rng(2)
    pictures = [marked_pictures.compose(kind, source.write(kind.only or 0, generator), generator) for _ in range(40)]
    assert all(picture.dtype == np.uint8 and np.ptp(picture) > 24 for picture in pictures)
    assert len({picture.shape for picture in pictures}) > 10
    borders = [np.median([*picture[0], *picture[-1], *picture[:, 0], *picture[:, -1]]) for picture in pictures]
    assert min(borders) < 100
    assert kind is marked_pictures.PAPER or max(borders) > 150


def test_an_edge_of_a_frame_runs_from_end_to_end(source):
    generator = np.random.default_rng(3)
    for _ in range(20):
        ink = np.zeros((28, 28), np.uint8)
        framed = marked_pictures._framed(ink, generator)
        assert (framed > 0).all(axis=0).any() or (framed > 0).all(axis=1).any()


def test_marked_digits_are_canonical_repeatable_and_mostly_what_they_are_called(source, model):
    one, again = (marked_digits.generate(120, source, np.random.default_rng(4)) for _ in range(2))
    assert one.digits.shape == (120, 28, 28)
    assert np.array_equal(one.digits, again.digits)
    assert set(one.labels.tolist()) == set(range(10))
    read = model.predict(one.digits).probabilities.argmax(axis=1)
    assert 0.3 < (read == one.labels).mean() < 0.95, "not all, or there would be nothing to learn"


def test_what_shows_the_mark_alone_is_not_taken():
    ring = np.zeros((28, 28), np.uint8)
    cv2.circle(ring, (14, 14), 9, 255, 2)
    both = ring.copy()
    cv2.line(both, (14, 10), (14, 18), 255, 2)
    assert not marked_digits._is_visible(ring, ring)
    assert marked_digits._is_visible(both, ring)
    assert marked_digits._is_visible(both, None)


def test_kinds_without_their_digit_are_left_out(splits):
    sevens = Source(splits.test.first(1), [])
    assert sevens.labels == [7]
    assert {kind.only for kind in sevens.kinds()} == {None, 7}
    assert set(marked_digits.generate(10, sevens, np.random.default_rng(5)).labels.tolist()) == {7}
