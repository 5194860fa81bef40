import numpy as np
import pytest
import tensorflow as tf

from model_training import presets
from model_training.data import training_set
from model_training.data.dataset import Split
from model_training.data.handwriting import Specimen
from model_training.training import trainer
from models.inference.standardization import Standardization

SEVEN = (np.array([[0.0, 0], [160, 0], [60, 180]]),)
CROSS = (np.array([[0.0, 0], [1, 1]]), np.array([[1.0, 0], [0, 1]]))
MIXTURE = presets.Mixture(strokes=8, images=4, letters=6, made_up=5, renderings=3)
PRESET = presets.Preset("mixed", "best", presets.Adam(0.001), 16, 1, 1, augmented=0.5, mixture=MIXTURE)


@pytest.fixture
def specimens(splits):
    """Four sevens in strokes, two images of what MNIST holds, three crosses and a letter that looks like a digit."""
    images = [
        Specimen(str(splits.train.labels[i]), "p/a", "p", "p", grey=255 - splits.train.digits[i]) for i in range(2)
    ]
    return [*[Specimen("7", "t/a", "t", "t", SEVEN)] * 4, *images, *[Specimen("x", "t/b", "t", "t", CROSS)] * 3,
            Specimen("O", "t/b", "t", "t", CROSS)]  # fmt: skip


def test_every_part_is_there_with_its_share_and_lookalikes_are_not(splits, specimens):
    material = training_set.of_people(splits.train.first(50), specimens, MIXTURE, 1)
    sizes = [(len(part.split), part.per_epoch) for part in material.parts]
    assert sizes == [(50, 50), (12, 8), (6, 4), (9, 6), (7, 5)]
    labels = [set(part.split.labels.tolist()) for part in material.parts]
    assert labels[1:] == [
        {7},
        set(splits.train.labels[:2].tolist()),
        {training_set.BACKGROUND},
        {training_set.BACKGROUND},
    ]
    assert material.per_epoch == 73
    joined = material.joined()
    assert joined.digits.shape == (84, 28, 28)
    again = training_set.of_people(splits.train.first(50), specimens, MIXTURE, 1).joined()
    assert np.array_equal(joined.digits, again.digits)
    assert len(np.unique(joined.digits[50:62], axis=0)) > 9, "the pen is another in every rendering"


def test_without_people_there_are_mnist_and_what_is_made_up(splits):
    material = training_set.of_people(splits.train.first(50), [], MIXTURE, 1)
    assert [part.per_epoch for part in material.parts] == [50, 5]


def test_an_epoch_takes_its_share_of_each_part_and_begins_anywhere(splits, specimens):
    material = training_set.of_people(splits.train.first(50), specimens, MIXTURE, 1)
    steps = -(-material.per_epoch // PRESET.batch_size)

    def epoch(first):
        standardization = Standardization.fit(splits.train.digits)
        batches = trainer.training_batches(material, standardization, PRESET, 11, 5, first_epoch=first)
        drawn = list(batches.take(steps))
        return [np.concatenate([part[i] for part in drawn]) for i in (0, 1)]

    digits, labels = epoch(1)
    assert digits.shape == (73, 28, 28)
    assert labels.sum(axis=0)[training_set.BACKGROUND] == 11
    assert (labels.sum(axis=1) == 1).all()
    again, _ = epoch(1)
    other, _ = epoch(2)
    assert np.array_equal(digits, again)
    assert not np.array_equal(digits, other)


def test_the_held_out_digits_are_mnists_and_peoples_and_always_the_same(splits, specimens):
    held_out = training_set.held_out(splits.validation.first(10), specimens)
    assert len(held_out) == 16
    assert np.array_equal(held_out.digits, training_set.held_out(splits.validation.first(10), specimens).digits)
    alone = training_set.held_out(splits.validation.first(10), [])
    assert np.array_equal(alone.digits, splits.validation.digits[:10])


def test_mnist_alone_keeps_every_digit_in_an_epoch(splits):
    material = training_set.of_preset(presets.MLP, splits.train, [], 1)
    assert (material.per_epoch, len(material.parts)) == (50_000, 1)
    assert training_set.of_preset(presets.TINY, splits.train, [], 1).per_epoch == presets.TINY.train_size


def test_what_is_blank_is_left_out():
    blank = Specimen("1", "p/a", "p", "p", grey=np.full((40, 40), 255, np.uint8))
    seven = Specimen("7", "t/a", "t", "t", SEVEN)
    rendered: Split = training_set.render([blank, seven], np.random.default_rng(1), "test")
    assert rendered.labels.tolist() == [7]
    assert tf.constant(rendered.digits).shape == (1, 28, 28)
