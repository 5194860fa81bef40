import numpy as np
import pytest

from models.inference.standardization import Standardization


def test_standardized_training_digits_have_mean_zero_and_variance_one(splits):
    standardization = Standardization.fit(splits.train.digits)
    standardized = standardization(splits.train.digits)
    assert standardized.dtype == np.float32
    assert standardized.mean(dtype=np.float64) == pytest.approx(0, abs=1e-4)
    assert standardized.std(dtype=np.float64) == pytest.approx(1, abs=1e-4)


def test_the_committed_parameters_come_from_the_training_split_alone(splits, model):
    assert model.contract.standardization == Standardization.fit(splits.train.digits)
    assert model.contract.standardization != Standardization.fit(splits.validation.digits)


@pytest.mark.parametrize(
    ("mean", "std"), [(0, 0), (0, -1), (0, 1e-300), (0, 256), (-1, 1), (256, 1), (0, float("nan")), (float("inf"), 1)]
)
def test_impossible_parameters_are_refused(mean, std):
    with pytest.raises(ValueError, match=r"must be (finite|from)"):
        Standardization(mean, std)
