import numpy as np
import pytest

from model_training.evaluation.number_calibration import WRONG, least_margin


def test_at_most_that_share_of_the_readings_above_the_margin_is_wrong():
    margins = np.linspace(1, 0, 1000)
    right = np.random.default_rng(4).random(1000) < 0.5 + 0.6 * margins
    least = least_margin(margins, right)
    above = margins >= least
    assert 0 < above.sum() < 1000
    assert (~right[above]).mean() <= WRONG


def test_a_few_right_readings_are_not_enough():
    assert least_margin(np.linspace(0.9, 0.5, 20), np.full(20, True)) == 1
    assert least_margin(np.linspace(0.9, 0.5, 200), np.full(200, True)) == pytest.approx(0.5)


def test_nothing_is_accepted_without_a_reading():
    assert least_margin(np.zeros(0), np.zeros(0, bool)) == 1
