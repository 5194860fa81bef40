import numpy as np
import pytest

from model_training.data import corruptions
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.clutter import is_cluttered
from models.preprocessing.polarity import find_ink
from service.images import raw_pixels
from tests.models.preprocessing.test_canonicalize import on_canvas

CLUTTER = ["stripe", "zigzag", "dotted_line", "spatter", "impulse_noise"]
N = 300


@pytest.mark.parametrize("name", CLUTTER)
def test_a_digit_with_clutter_on_it_comes_back_as_it_is(splits, name):
    spoilt = corruptions.corrupt(splits.validation.digits[:N], name, 7)
    unchanged = [np.array_equal(canonicalize(find_ink(digit)), digit) for digit in spoilt]
    assert np.mean(unchanged) >= 0.9


@pytest.mark.parametrize("name", CLUTTER)
def test_canonicalization_costs_a_cluttered_digit_little(splits, model, name):
    labels = splits.validation.labels[:N]
    spoilt = corruptions.corrupt(splits.validation.digits[:N], name, 7)
    redrawn = np.stack([canonicalize(find_ink(digit)) for digit in spoilt])
    as_it_is, canonical = (
        (model.predict(digits).probabilities.argmax(1) == labels).mean() for digits in (spoilt, redrawn)
    )
    assert canonical >= as_it_is - 0.03


@pytest.mark.parametrize("name", ["scale", "translate"])
def test_a_small_or_shifted_digit_is_still_redrawn(splits, name):
    assert not any(is_cluttered(digit) for digit in corruptions.corrupt(splits.validation.digits[:N], name, 7))


@pytest.mark.parametrize("side", [12, 20, 22, 24, 26, 28])
def test_a_clean_digit_of_any_size_in_28x28_is_redrawn(splits, side):
    place = np.random.default_rng(side)
    digits = [on_canvas(digit, side, *place.random(2), canvas=28) for digit in splits.validation.digits[:N]]
    assert np.mean([is_cluttered(digit) for digit in digits]) <= 0.12


def test_in_28x28_alone_is_there_clutter(splits):
    striped = corruptions.corrupt(splits.validation.digits[:1], "stripe", 7)[0]
    assert is_cluttered(striped)
    assert not is_cluttered(striped.repeat(2, axis=0).repeat(2, axis=1))
    assert not is_cluttered(striped // 20), "too faint to be ink"


def test_salt_all_over_is_no_striped_digit():
    generator = np.random.default_rng(1)
    salt = [(generator.random((28, 28)) < 0.55).astype(np.uint8) * 255 for _ in range(N)]
    assert not any(is_cluttered(find_ink(drawing)) for drawing in salt)


@pytest.mark.parametrize("name", CLUTTER)
def test_many_raw_drawings_are_redrawn_as_one_by_one(splits, name):
    spoilt = corruptions.corrupt(splits.validation.digits[:20], name, 7)
    many = raw_pixels.digits(spoilt)
    for drawing, digit in zip(spoilt, many, strict=True):
        assert np.array_equal(digit, raw_pixels.digits(drawing[None])[0])
