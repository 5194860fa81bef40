import numpy as np
import pytest

from model_training.data import corruptions
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.clutter import is_cluttered
from models.preprocessing.polarity import find_ink
from service.images.raw_pixels import RawPixels
from tests.models.preprocessing.test_canonicalize import on_canvas

CLUTTER = ["stripe", "zigzag", "dotted_line", "spatter", "impulse_noise"]
N = 300


@pytest.mark.parametrize("name", CLUTTER)
def test_most_cluttered_digits_are_returned_unchanged(splits, name):
    corrupted = corruptions.corrupt(splits.validation.digits[:N], name, 7)
    unchanged = [np.array_equal(canonicalize(find_ink(digit)), digit) for digit in corrupted]
    assert np.mean(unchanged) >= 0.9


@pytest.mark.parametrize("name", CLUTTER)
def test_canonicalization_hardly_lowers_the_accuracy_on_cluttered_digits(splits, model, name):
    labels = splits.validation.labels[:N]
    corrupted = corruptions.corrupt(splits.validation.digits[:N], name, 7)
    redrawn = np.stack([canonicalize(find_ink(digit)) for digit in corrupted])
    unchanged, canonical = (
        (model.predict(digits).probabilities.argmax(1) == labels).mean() for digits in (corrupted, redrawn)
    )
    assert canonical >= unchanged - 0.03


@pytest.mark.parametrize("name", ["scale", "translate"])
def test_small_or_shifted_digits_are_not_cluttered(splits, name):
    assert not any(is_cluttered(digit) for digit in corruptions.corrupt(splits.validation.digits[:N], name, 7))


@pytest.mark.parametrize("side", [12, 20, 22, 24, 26, 28])
def test_few_clean_digits_of_any_size_count_as_cluttered(splits, side):
    place = np.random.default_rng(side)
    digits = [on_canvas(digit, side, *place.random(2), canvas=28) for digit in splits.validation.digits[:N]]
    assert np.mean([is_cluttered(digit) for digit in digits]) <= 0.12


def test_only_28x28_with_enough_contrast_can_be_cluttered(splits):
    striped = corruptions.corrupt(splits.validation.digits[:1], "stripe", 7)[0]
    assert is_cluttered(striped)
    assert not is_cluttered(striped.repeat(2, axis=0).repeat(2, axis=1))
    assert not is_cluttered(striped // 20), "too faint to be ink"


def test_salt_and_pepper_noise_is_not_cluttered():
    generator = np.random.default_rng(1)
    salt = [(generator.random((28, 28)) < 0.55).astype(np.uint8) * 255 for _ in range(N)]
    assert not any(is_cluttered(find_ink(drawing)) for drawing in salt)


@pytest.mark.parametrize("name", CLUTTER)
def test_many_raw_drawings_are_redrawn_as_single_ones_are(splits, name):
    corrupted = corruptions.corrupt(splits.validation.digits[:20], name, 7)
    together = RawPixels(corrupted).canonicalize().results
    for drawing, digit in zip(corrupted, together, strict=True):
        assert np.array_equal(digit, RawPixels(drawing[None]).canonicalize().results[0])
