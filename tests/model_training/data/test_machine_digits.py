import numpy as np

from model_training.data import machine_digits
from models.inference.digit_model import DigitModel


def test_machines_make_canonical_digits_with_their_labels(model: DigitModel):
    made = machine_digits.generate(200, np.random.default_rng(1))
    assert made.digits.shape == (200, 28, 28)
    assert set(made.labels.tolist()) == set(range(10))
    read = np.array([prediction.digit for prediction in model.classify(made.digits)])
    assert (read == made.labels).mean() > 0.85, "a network that never saw them reads most"


def test_the_same_seed_makes_the_same_digits():
    first, again = (machine_digits.generate(20, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first.digits, again.digits)
    assert np.array_equal(first.labels, again.labels)
