import numpy as np
import pytest

from models.inference.rejection import Rejection, raw_score

NAN = float("nan")
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


@pytest.mark.parametrize("score", ["energy", "background"])
def test_one_digit_is_scored_as_many_are(score):
    logits = np.random.default_rng(1).normal(0, 8, (500, 11)).astype(np.float32)
    rule = rejection(score=score, center=1.0, scale=2.0)
    assert [rule.digit_score_of_one(row) for row in logits.tolist()] == pytest.approx(
        rule.digit_score(logits), abs=1e-6
    )


def test_one_digit_with_logits_of_any_size_is_scored():
    rule = rejection(scale=0.01)
    assert rule.digit_score_of_one([0.0] * 10 + [1e4]) == pytest.approx(0, abs=1e-6)
    assert rule.digit_score_of_one([1e4] * 10 + [0.0]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("probabilities", "digit_score", "reason"),
    [
        ([0.9, 0.1], 0.6, None), ([0.9, 0.1], 0.4, "not_a_digit"), ([0.52, 0.48], 0.6, "ambiguous"),
        ([0.48, 0.52], 0.4, "not_a_digit"), ([0.55, 0.45], 0.5, None), ([0.9, 0.1], NAN, "not_a_digit"),
        ([NAN, NAN], 0.6, "ambiguous"),
    ],
)  # fmt: skip
def test_the_reason_says_which_threshold_the_answer_misses(probabilities, digit_score, reason):
    assert rejection(min_margin=0.099).reason([*probabilities, *[0.0] * 8], digit_score) == reason


@pytest.mark.parametrize(
    "values",
    [
        {"score": "luck"}, {"scale": 0.0}, {"scale": -1.0}, {"scale": float("nan")}, {"scale": float("inf")},
        {"center": NAN}, {"min_digit_score": NAN}, {"min_margin": float("-inf")}, {"scale": 1e-300}, {"center": 1e308},
        {"min_digit_score": 1.01}, {"min_margin": -0.01},
    ],
)  # fmt: skip
def test_a_rule_that_cannot_score_is_refused(values):
    with pytest.raises(ValueError, match=r"rejection\."):
        rejection(**values)
