import numpy as np
import pytest

from models.inference.rejection import Rejection, raw_score

LOGITS = np.array([[5, 0, 0, 0, 0, 0, 0, 0, 0, 0, -5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]], np.float32)


def rejection(**values):
    return Rejection(
        **{"score": "background", "center": 0.0, "scale": 1.0, "min_digit_score": 0.5, "min_margin": 0.1} | values
    )


def test_the_background_score_is_the_log_odds_of_a_digit():
    odds = np.exp(LOGITS[:, :10].astype(float)).sum(axis=1) / np.exp(LOGITS[:, 10].astype(float))
    assert raw_score("background", LOGITS) == pytest.approx(np.log(odds), rel=1e-6)
    assert rejection().digit_score(LOGITS) == pytest.approx(odds / (1 + odds), rel=1e-5)


def test_the_energy_is_the_log_sum_exp_of_the_ten_and_knows_no_eleventh():
    energy = np.log(np.exp(LOGITS[:, :10].astype(float)).sum(axis=1))
    assert raw_score("energy", LOGITS) == pytest.approx(energy, rel=1e-6)
    assert np.array_equal(raw_score("energy", LOGITS), raw_score("energy", LOGITS[:, :10]))


def test_the_center_scores_a_half():
    assert rejection(center=raw_score("energy", LOGITS)[0], score="energy").digit_score(LOGITS)[0] == 0.5


def test_logits_of_any_size_score_from_0_to_1_without_a_warning():
    wild = np.array([[0] * 10 + [1e4], [1e4] * 10 + [0], [-1e4] * 10 + [1e4]], np.float32)
    score = rejection(scale=0.01).digit_score(wild)
    assert score.dtype == np.float32
    assert score == pytest.approx([0, 1, 0], abs=1e-6)


@pytest.mark.parametrize("values", [{"score": "luck"}, {"scale": 0.0}, {"scale": -1.0}, {"scale": float("nan")}])
def test_what_cannot_score_is_refused(values):
    with pytest.raises(ValueError, match=r"rejection\."):
        rejection(**values)
