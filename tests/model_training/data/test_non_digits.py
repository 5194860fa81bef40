import cv2
import numpy as np
import pytest

from model_training.data import non_digits


@pytest.mark.parametrize("kind", dict.fromkeys(non_digits.KINDS), ids=lambda kind: kind.__name__)
def test_each_kind_draws_grey_levels_that_are_not_blank(kind, splits):
    generator = np.random.default_rng(1)
    for _ in range(20):
        picture = kind(splits.train.digits, generator)
        assert (picture.ndim, picture.dtype) == (2, np.uint8)
        assert np.ptp(picture) > 24


def test_the_same_generator_makes_the_same(splits):
    one, other = (non_digits.make(30, splits.train.digits, np.random.default_rng(2)) for _ in range(2))
    assert np.array_equal(one, other)
    assert (one.shape, one.dtype) == ((30, 28, 28), np.uint8)
    assert len(np.unique(one, axis=0)) == 30


def test_several_digits_stay_several(splits, monkeypatch):
    monkeypatch.setattr(non_digits, "KINDS", [non_digits.several_digits])
    made = non_digits.make(20, splits.train.digits, np.random.default_rng(3))
    boxes = np.array([cv2.boundingRect(picture) for picture in made])
    assert (boxes[:, 2] > boxes[:, 3]).all()
