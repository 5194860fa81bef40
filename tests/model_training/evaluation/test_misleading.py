import numpy as np

from model_training.data.handwriting import Sample
from model_training.data.marked_pictures import KINDS
from model_training.evaluation import comparison, misleading

SEVEN = (np.array([[0.0, 0], [160, 0], [60, 180]]),)


def test_each_kind_of_mark_is_measured(model, splits):
    samples = [Sample("7", "t/a", "t", "t", SEVEN)]
    measured = misleading.marks(model, splits.validation.first(300), samples, each=12)
    assert list(measured) == [kind.name for kind in KINDS]
    for scores in measured.values():
        assert scores["n"] == 12
        assert 0 <= scores["wrong_accepted"] <= scores["accepted"] <= 1
        assert scores["wrong_accepted"] + scores["right"] < 1 + 1e-9
    assert measured == misleading.marks(model, splits.validation.first(300), samples, each=12), "the same every time"


def test_each_script_is_measured(model):
    measured = misleading.scripts(model, each=6)
    assert {"Cyrillic", "Greek", "mathematics"} <= measured.keys()
    assert all(scores["n"] == 6 and 0 <= scores["accepted"] <= 1 for scores in measured.values())


def test_both_are_compared_among_what_is_hard():
    record = {
        "marks": {"ring": {"n": 400, "right": 0.7, "accepted": 0.8, "wrong_accepted": 0.1}},
        "scripts": {"Greek": {"n": 400, "accepted": 0.05}},
    }
    assert comparison.robustness(record) == {"wrong and accepted: ring": 0.1, "taken for a digit: Greek": 0.05}
    assert comparison.differences(record, {}) == {}
