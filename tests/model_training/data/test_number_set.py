import itertools

import numpy as np
import pytest

from model_training.data import number_set, number_signs, number_texts, number_writers
from model_training.data.dataset import Splits
from model_training.data.number_archives import WrittenNumber
from model_training.data.number_set import NO_DIGIT
from model_training.data.number_writers import Writers
from model_training.data.sample import Sample
from models.numbers.strips import BUCKET, HEIGHT

SEVEN = (np.array([[0.0, 0.0], [10.0, 0.0], [4.0, 16.0]]),)


@pytest.fixture(scope="module")
def writers(splits: Splits) -> Writers:
    """MNIST's writers, machines, one who writes sevens alone, and one number written as a whole."""
    samples = [Sample(str(digit), "tablet/anna", "tablet", "tablet", SEVEN) for digit in range(10)]
    samples.append(Sample("K", "tablet/anna", "tablet", "tablet", SEVEN))
    whole = WrittenNumber("a.png", "pen_numbers", "anna", "77", "7-7", True, [], [*SEVEN, SEVEN[0] + (20, 0)])
    return number_writers.gather(splits.train.first(2000), samples, [whole], np.random.default_rng(1))


def test_the_same_seed_gives_the_same_batches(writers: Writers):
    first, again, other = (next(number_set.batches(writers, 8, seed)) for seed in ((1, 2), (1, 2), (1, 3)))
    assert np.array_equal(first.strips, again.strips)
    assert np.array_equal(first.labels, again.labels)
    assert first.strips.shape != other.strips.shape or not np.array_equal(first.strips, other.strips)


def test_strips_have_the_networks_size_and_room_for_their_digits(writers: Writers):
    for batch in itertools.islice(number_set.batches(writers, 16, (5,)), 8):
        assert batch.strips.shape[:2] == (16, HEIGHT)
        assert batch.strips.shape[2] % BUCKET == 0
        assert batch.strips.dtype == np.uint8
        assert ((batch.labels == NO_DIGIT) | (batch.labels <= 9)).all()
        assert 4 * (batch.labels != NO_DIGIT).sum(axis=1).max() < batch.strips.shape[2]


def test_everybody_writes(writers: Writers):
    generator = np.random.default_rng(7)
    hands = {type(number_set.random_hand(writers, generator)).__name__ for _ in range(200)}
    assert hands == {"_Strokes", "_Pictures", "Machine", "Odometer"}


def test_every_digit_is_as_likely_as_any_other():
    generator = np.random.default_rng(11)
    digits = np.concatenate([number_texts.digits_of(number_texts.text(generator)) for _ in range(4000)])
    share = np.bincount(digits.astype(int), minlength=10) / len(digits)
    assert share[1:] == pytest.approx(share[1:].mean(), rel=0.1)
    assert share[1:].mean() < share[0] < 0.2  # leading zeros


def test_signs_and_letters_are_no_digits():
    assert number_texts.digits_of("(04/1-7) No. 5") == [0, 4, 1, 7, 5]
    generator = np.random.default_rng(13)
    texts = [number_texts.text(generator) for _ in range(2000)]
    assert all(set(sign) <= set("".join(texts)) for sign in number_texts.SIGNS)
    assert any(not number_texts.digits_of(text) for text in texts)


@pytest.mark.parametrize("sign", number_texts.SIGNS + "K")
def test_each_sign_is_drawn(sign: str):
    strokes = number_signs.sign(sign, np.random.default_rng(17))
    points = np.concatenate(strokes)
    assert points.shape[1] == 2
    assert (abs(points) < 1).all()


def test_machines_draw_ten_different_digits():
    generator = np.random.default_rng(19)
    for draw in (number_signs.seven_segment, number_signs.dot_matrix, number_signs.hershey):
        digits = draw(generator)
        assert len({digit.tobytes() for digit in digits}) == 10
        assert all(digit.max() == 255 for digit in digits)
