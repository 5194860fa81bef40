import numpy as np
import pytest
import tensorflow as tf

from model_training.training import augmentation


@pytest.fixture(scope="module")
def ink(splits):
    """(500, 28, 28) float32 of the validation split, 0 to 1."""
    return tf.constant(splits.validation.digits[:500] / np.float32(255))


def augment(ink, share, *seed):
    return augmentation.augment(ink, share, tf.constant(seed)).numpy()


def test_the_seed_alone_decides(ink):
    assert np.array_equal(augment(ink, 1.0, 1, 2), augment(ink, 1.0, 1, 2))
    assert not np.array_equal(augment(ink, 1.0, 1, 2), augment(ink, 1.0, 1, 3))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.75])
def test_the_rest_of_the_batch_is_unchanged_to_the_last_bit(ink, share):
    same = (augment(ink, share, 1, 2) == ink.numpy()).all(axis=(1, 2))
    assert same.mean() == pytest.approx(1 - share, abs=0.07)


def test_every_digit_changes_and_stays_between_paper_and_ink(ink):
    changed = augment(ink, 1.0, 1, 2)
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert (np.abs(changed - ink.numpy()).max(axis=(1, 2)) > 0.1).all()


def test_augmented_digits_are_still_read(ink, splits, model):
    digits = np.round(augment(ink, 1.0, 1, 2) * 255).astype(np.uint8)
    answers = model.predict(digits).probabilities.argmax(1)
    assert (answers == splits.validation.labels[:500]).mean() > 0.88


def test_sampling_at_the_pixels_changes_nothing(ink):
    y, x = (np.broadcast_to(axis, (500, 28, 28)).astype(np.float32) for axis in np.indices((28, 28)))
    assert np.allclose(augmentation._sample(ink, tf.constant(x), tf.constant(y)), ink, atol=1e-5)
    moved = augmentation._sample(ink, tf.constant(x - 3), tf.constant(y)).numpy()
    assert np.allclose(moved[:, :, 3:], ink[:, :, :-3], atol=1e-5)
    assert not moved[:, :, :2].any()
