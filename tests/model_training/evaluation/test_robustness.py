import numpy as np
import pytest

from model_training.data import corruptions
from model_training.data.handwriting import Sample
from model_training.evaluation import metrics, robustness
from tests.load.strokes import DIGITS

CROSS = (np.array([[0.0, 0], [1, 1]]), np.array([[1.0, 0], [0, 1]]))


@pytest.fixture(scope="module")
def samples():
    """Ten digits in strokes by each of two writers, five crosses, and a letter that may pass for a digit."""
    digits = [
        Sample(str(digit), f"pen/{writer}", "pen", "pen", tuple(np.array(stroke) for stroke in strokes))
        for writer in ("anna", "bert")
        for digit, strokes in DIGITS.items()
    ]
    return [
        *digits,
        *[Sample("x", "pen/anna", "pen", "letters", CROSS)] * 5,
        Sample("O", "pen/bert", "pen", "letters", CROSS),
    ]


def test_each_collection_is_measured_writer_by_writer(model, samples):
    measured = robustness.unknown_writers(model, samples)
    assert list(measured) == ["pen"]
    assert (measured["pen"]["writers"], measured["pen"]["n"]) == (2, 20)
    assert measured["pen"]["accuracy"] >= 0.75
    by_writer = measured["pen"]["by_writer"]
    assert {writer: scores["n"] for writer, scores in by_writer.items()} == {"pen/anna": 10, "pen/bert": 10}
    assert sum(scores["mistakes"] for scores in by_writer.values()) == round(20 * (1 - measured["pen"]["accuracy"]))
    assert sum(scores["refused"] for scores in by_writer.values()) == round(20 * measured["pen"]["refused"])
    assert measured == robustness.unknown_writers(model, samples), "the same renderings every time"


def test_each_score_is_measured_on_digits_and_letters(model, samples):
    measured = robustness.letters(model, samples)
    assert (measured["digits"], measured["letters"]) == (20, 5)
    assert set(measured["auroc"]) == {"digit_score", "energy", "max_logit", "top_probability"}
    assert all(0 <= value <= 1 for value in measured["auroc"].values())
    assert robustness.letters(model, samples[:20]) == {}


def test_the_same_strokes_are_rendered_in_360_ways(model, samples, monkeypatch):
    monkeypatch.setattr(robustness, "INVARIANCE_STROKES", 2)
    measured = robustness.invariance(model, samples)
    assert (measured["strokes"], measured["drawings"]) == (2, 720)
    assert 0.5 < measured["same"] <= 1
    assert robustness.invariance(model, []) == {}


def test_the_area_under_the_curve_of_known_cases():
    assert robustness.auroc(np.array([3, 4, 5]), np.array([0, 1, 2])) == 1
    assert robustness.auroc(np.array([0, 1]), np.array([2])) == 0
    assert robustness.auroc(np.array([1, 1]), np.array([1])) == 0.5
    assert robustness.auroc(np.array([2, 0]), np.array([1])) == 0.5


def test_mnist_c_is_measured_as_it_is_and_canonicalized(model, splits):
    test = splits.validation.first(60)
    measured = robustness.mnist_c(model, test)
    assert list(measured) == list(corruptions.CORRUPTIONS)
    assert measured["translate"]["canonical"] >= measured["translate"]["as_it_is"], "centering undoes a shift"
    clean = metrics.evaluate(model, test, "clean").accuracy
    assert measured["shot_noise"]["as_it_is"] == pytest.approx(clean, abs=0.1)


def test_the_disputed_digits_are_listed_with_label_and_answer(model, splits):
    listed = robustness.disputed(model, splits.test)
    assert len(listed) == 15
    assert [entry["label"] for entry in listed] == [8, 0, 9, 4, 2, 5, 6, 6, 5, 5, 0, 1, 4, 6, 5]
    assert sum(entry["answer"] == entry["label"] for entry in listed) < 15
