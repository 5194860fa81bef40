import numpy as np
import pytest

from model_training import presets
from model_training.data import training_set
from model_training.data.handwriting import Sample
from model_training.training import trainer
from models.inference.standardization import Standardization

SEVEN = (np.array([[0.0, 0], [160, 0], [60, 180]]),)
CROSS = (np.array([[0.0, 0], [1, 1]]), np.array([[1.0, 0], [0, 1]]))
MIXTURE = presets.Mixture(strokes=8, images=4, letters=6, made_up=5, machines=2, marked=4, scripts=3, renderings=3)
PRESET = presets.Preset("mixed", "best", presets.Adam(0.001), 16, 1, 1, augmented=0.5, mixture=MIXTURE)


@pytest.fixture
def samples(splits):
    """Four sevens in strokes, two images of MNIST digits, three crosses and a letter that may pass for a digit."""
    images = [Sample(str(splits.train.labels[i]), "p/a", "p", "p", grey=255 - splits.train.digits[i]) for i in range(2)]
    return [*[Sample("7", "t/a", "t", "t", SEVEN)] * 4, *images, *[Sample("x", "t/b", "t", "t", CROSS)] * 3,
            Sample("O", "t/b", "t", "t", CROSS)]  # fmt: skip


def test_a_mixture_has_every_part_with_its_share_and_no_lookalikes(splits, samples):
    mixed = training_set.mix(MIXTURE, 1, splits.train.first(50), samples)
    sizes = [(len(part.split), part.per_epoch) for part in mixed.parts]
    assert sizes == [(50, 50), (12, 8), (6, 4), (9, 6), (7, 5), (3, 2), (6, 4), (4, 3)]
    labels = [set(part.split.labels.tolist()) for part in mixed.parts]
    background = {training_set.BACKGROUND}
    assert labels[1:5] == [{7}, set(splits.train.labels[:2].tolist()), background, background]
    assert labels[5] | labels[6] <= set(range(10))
    assert labels[7] == background
    assert mixed.per_epoch == 82
    joined = mixed.joined()
    assert joined.digits.shape == (97, 28, 28)
    again = training_set.mix(MIXTURE, 1, splits.train.first(50), samples).joined()
    assert np.array_equal(joined.digits, again.digits)
    assert len(np.unique(joined.digits[50:62], axis=0)) > 9, "every rendering has another pen"


def test_without_handwriting_a_mixture_is_mnist_and_what_is_made_up(splits):
    mixed = training_set.mix(MIXTURE, 1, splits.train.first(50), [])
    assert [part.per_epoch for part in mixed.parts] == [50, 5, 2, 4, 3]


def test_an_epoch_takes_its_share_of_each_part_and_can_be_repeated(splits, samples):
    mixed = training_set.mix(MIXTURE, 1, splits.train.first(50), samples)
    steps = -(-mixed.per_epoch // PRESET.batch_size)

    data = training_set.TrainingData(mixed, splits.validation, Standardization.fit(splits.train.digits))

    def epoch(first):
        batches = trainer.training_batches(data, PRESET, 11, 5, first_epoch=first)
        drawn = list(batches.take(steps))
        return [np.concatenate([part[i] for part in drawn]) for i in (0, 1)]

    digits, labels = epoch(1)
    assert digits.shape == (82, 28, 28)
    assert labels.sum(axis=0)[training_set.BACKGROUND] == 14
    assert (labels.sum(axis=1) == 1).all()
    again, _ = epoch(1)
    other, _ = epoch(2)
    assert np.array_equal(digits, again)
    assert not np.array_equal(digits, other)


def test_the_validation_digits_are_always_the_same(splits, samples):
    digits = training_set.validation_digits(splits.validation.first(10), samples)
    assert len(digits) == 16
    assert np.array_equal(digits.digits, training_set.validation_digits(splits.validation.first(10), samples).digits)
    alone = training_set.validation_digits(splits.validation.first(10), [])
    assert np.array_equal(alone.digits, splits.validation.digits[:10])


def test_mnist_alone_keeps_every_digit_in_an_epoch(splits):
    whole = training_set.for_preset(presets.MLP, 1, splits.train, [])
    assert (whole.per_epoch, len(whole.parts)) == (50_000, 1)
    assert training_set.for_preset(presets.TINY, 1, splits.train, []).per_epoch == presets.TINY.train_size


def test_blank_samples_are_left_out():
    blank = Sample("1", "p/a", "p", "p", grey=np.full((40, 40), 255, np.uint8))
    seven = Sample("7", "t/a", "t", "t", SEVEN)
    rendered = training_set.render([blank, seven], np.random.default_rng(1), "test")
    assert rendered.labels.tolist() == [7]
    assert rendered.digits.shape == (1, 28, 28)
