import numpy as np
import pytest

from model_training.evaluation.metrics import expected_calibration_error
from model_training.training.calibration import calibrate, fit_rejection, fit_temperature, softmax


@pytest.fixture
def honest():
    """(50000, 10) logits, and labels drawn from their probabilities."""
    generator = np.random.default_rng(1)
    logits = generator.normal(0, 2, (50_000, 10))
    cumulative = softmax(logits).cumsum(axis=1)
    return logits, (cumulative > generator.random((50_000, 1))).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_the_temperature_that_honest_logits_were_multiplied_by_is_found(honest, temperature):
    logits, labels = honest
    assert fit_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.03)


def test_the_fitted_temperature_removes_the_calibration_error(honest):
    logits, labels = honest
    correct = logits.argmax(axis=1) == labels
    uncalibrated, calibrated = (
        expected_calibration_error(softmax(logits * 3 / temperature).max(axis=1), correct)
        for temperature in (1.0, fit_temperature(logits * 3, labels))
    )
    assert uncalibrated > 0.1
    assert calibrated < 0.01


def test_the_thresholds_refuse_the_intended_share(honest):
    logits, _ = honest
    rejection = fit_rejection(logits, temperature=1.0)
    assert rejection.score == "energy"
    score = rejection.digit_score(logits)
    assert (score < rejection.min_digit_score).mean() == pytest.approx(0.005, abs=1e-4)
    assert np.median(score) == pytest.approx(0.99, abs=1e-3)


def test_an_eleventh_output_is_the_score_and_leaves_the_temperature_alone(honest):
    logits, labels = honest
    background = np.random.default_rng(2).normal(-5, 3, (len(logits), 1))
    eleven = np.hstack([logits, background])
    calibrated = calibrate(eleven, labels)
    assert calibrated.rejection.score == "background"
    assert calibrated.temperature == fit_temperature(logits, labels)
    score = calibrated.rejection.digit_score(eleven)
    assert (score < calibrated.rejection.min_digit_score).mean() == pytest.approx(0.005, abs=1e-4)
    odds = np.exp(logits).sum(axis=1) / np.exp(background[:, 0])
    assert np.array_equal(np.argsort(score[:1000]), np.argsort(odds[:1000]))


def test_the_calibration_error_of_a_known_case():
    confidence = np.array([0.99] * 100 + [0.61] * 100)
    correct = np.array([True] * 90 + [False] * 10 + [True] * 61 + [False] * 39)
    assert expected_calibration_error(confidence, correct) == pytest.approx(0.045)
