import numpy as np
import pytest

from model_training.data import corruptions

DIGITS = 40


@pytest.fixture(scope="module")
def digits(splits):
    return splits.validation.digits[:DIGITS]


def test_there_are_the_fifteen_corruptions_of_mnist_c():
    assert len(corruptions.CORRUPTIONS) == 15


@pytest.mark.parametrize("name", corruptions.CORRUPTIONS)
def test_each_corruption_changes_every_digit_and_is_repeatable(digits, name):
    corrupted = corruptions.corrupt(digits, name)
    assert (corrupted.shape, corrupted.dtype) == (digits.shape, np.uint8)
    assert (np.abs(corrupted.astype(int) - digits).max(axis=(1, 2)) > 20).all()
    assert np.array_equal(corrupted, corruptions.corrupt(digits, name))


@pytest.mark.parametrize(
    "name", ["shot_noise", "impulse_noise", "glass_blur", "fog", "spatter", "dotted_line", "zigzag"]
)
def test_another_seed_gives_another_result(digits, name):
    assert not np.array_equal(corruptions.corrupt(digits, name), corruptions.corrupt(digits, name, seed=1))


def mass(digits):
    return digits.sum(axis=(1, 2), dtype=float)


def center(digits):
    """(n, 2) centers of mass (x, y)."""
    y, x = np.indices((28, 28))
    return np.stack([(digits * x).sum(axis=(1, 2)), (digits * y).sum(axis=(1, 2))], axis=1) / mass(digits)[:, None]


def test_the_severities_are_those_of_mnist_c(digits):
    assert not digits[:, 0, 0].any()
    moved = center(corruptions.corrupt(digits, "translate")) - center(digits)
    assert np.median(np.abs(moved), axis=0) == pytest.approx([3, 3], abs=0.01), (
        "the median, because some digits run over the edge"
    )
    assert np.median(mass(corruptions.corrupt(digits, "scale")) / mass(digits)) == pytest.approx(0.49, abs=0.01)
    assert np.median(mass(corruptions.corrupt(digits, "rotate")) / mass(digits)) == pytest.approx(1, abs=0.01)
    assert (corruptions.corrupt(digits, "brightness")[:, 0, 0] == 128).all()
    salt = corruptions.corrupt(np.zeros_like(digits), "impulse_noise")
    assert (salt == 255).mean() == pytest.approx(0.17 / 2, abs=0.01)
    striped = corruptions.corrupt(digits, "stripe")
    assert np.array_equal(striped[:, :, 7:21], digits[:, :, 7:21])
    assert np.array_equal(striped[:, :, :7], 255 - digits[:, :, :7])
    photons = corruptions.corrupt(np.full_like(digits, 255), "shot_noise")
    assert (photons == 0).mean() == pytest.approx(np.exp(-3), abs=0.005)


def test_the_given_digits_are_not_modified(digits):
    before = digits.copy()
    for name in corruptions.CORRUPTIONS:
        corruptions.corrupt(digits[:2], name)
    assert np.array_equal(digits, before)
