from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from models.inference.runtime import BATCH
from models.registry import artifact
from models.registry.store import ARTIFACTS, Store


@pytest.fixture(scope="module", params=[(1, "float32"), (1, "int8"), (3, "int8")])
def model(request):
    version, precision = request.param
    return artifact.load(Store(ARTIFACTS / "digits").resolve(version), precision)


def test_one_digit_gets_the_answer_that_it_gets_among_many(model, splits):
    digits = np.concatenate([splits.test.digits[:100], 255 - splits.test.digits[:20]])
    together = model.classify(digits)
    for digit, expected in zip(digits, together, strict=True):
        (found,) = model.classify([digit])
        assert (found.digit, found.reason) == (expected.digit, expected.reason)
        assert found.probabilities == pytest.approx(expected.probabilities, abs=1e-6)
        assert found.digit_score == pytest.approx(expected.digit_score, abs=1e-6)


def test_the_answers_are_those_of_the_arrays(model, splits):
    digits = splits.test.digits[: BATCH + 5]
    arrays, answers = model.predict(digits), model.classify(list(digits))
    assert [answer.digit for answer in answers] == arrays.probabilities.argmax(axis=1).tolist()
    assert [answer.confidence for answer in answers] == arrays.probabilities.max(axis=1).tolist()
    assert [answer.digit_score for answer in answers] == arrays.digit_score.tolist()
    assert [answer.accepted for answer in answers] == [answer.reason is None for answer in answers]
    assert sum(answers[0].probabilities) == pytest.approx(1, abs=1e-6)


def test_no_digits_get_no_answers(model):
    assert model.classify([]) == []


@pytest.mark.parametrize("n", [1, 2, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH + 7])
def test_a_batch_of_any_size_is_answered_in_order(model, splits, n):
    digits = splits.test.digits[:n]
    expected = np.concatenate([model.logits(digit[None]) for digit in digits])
    assert np.allclose(model.logits(digits), expected, atol=1e-4)


def test_threads_do_not_disturb_each_other(model, splits):
    digits = splits.test.digits[:400]
    alone = model.classify(digits)

    def answers(start):
        few = digits[start : start + 20]
        return [*model.classify(few[:17]), *(model.classify([digit])[0] for digit in few[17:])]

    with ThreadPoolExecutor(8) as pool:
        found = [answer for part in pool.map(answers, range(0, 400, 20)) for answer in part]
    for answer, expected in zip(found, alone, strict=True):
        assert answer.probabilities == pytest.approx(expected.probabilities, abs=1e-6)
