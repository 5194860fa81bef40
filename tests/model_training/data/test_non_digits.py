import cv2
import numpy as np
import pytest

from model_training.data import non_digits


@pytest.mark.parametrize("kind", dict.fromkeys(non_digits.KINDS), ids=lambda kind: kind.__name__)
def test_no_kind_draws_a_blank_image(kind, splits):
    generator = np.random.default_rng(1)
    for _ in range(20):
        image = kind(splits.train.digits, generator)
        assert (image.ndim, image.dtype) == (2, np.uint8)
        assert np.ptp(image) > 24


def test_generation_is_repeatable(splits):
    one, other = (non_digits.generate(30, splits.train.digits, np.random.default_rng(2)) for _ in range(2))
    assert np.array_equal(one, other)
    assert (one.shape, one.dtype) == ((30, 28, 28), np.uint8)
    assert len(np.unique(one, axis=0)) == 30


def test_several_digits_stay_a_row_of_digits(splits, monkeypatch):
    monkeypatch.setattr(non_digits, "KINDS", [non_digits.several_digits])
    generated = non_digits.generate(20, splits.train.digits, np.random.default_rng(3))
    boxes = np.array([cv2.boundingRect(image) for image in generated])
    assert (boxes[:, 2] > boxes[:, 3]).all()
