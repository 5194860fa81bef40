import math

import numpy as np
import pytest

from models.numbers import ctc, islands
from models.numbers.ctc import BLANK, CLASSES, STRIDE


@pytest.fixture
def logs() -> ctc.Logs:
    """Sure blanks around an unsure 3 (or 8), and around what may be 1, 11 or nothing."""
    logits = np.zeros((12, CLASSES), np.float32)
    logits[:, BLANK] = 12
    logits[3, [3, 8, BLANK]] = 6, 5, 2
    logits[7, [1, BLANK]] = 6, 5
    logits[8, BLANK] = 4
    logits[9, [1, BLANK]] = 6, 5.5
    return ctc.log_probabilities(logits)


def test_islands_lie_between_sure_blanks(logs: ctc.Logs):
    assert [(island.start, island.stop) for island in islands.find(logs[None])] == [(3, 4), (7, 10)]


def test_the_strings_of_an_island_have_their_probabilities(logs: ctc.Logs):
    first, second = islands.find(logs[None])
    for island in (first, second):
        for candidate in island.candidates:
            exact = ctc.log_probability(logs[island.start : island.stop], candidate.digits)
            assert candidate.log_probability == pytest.approx(exact, abs=1e-6)
        single = {each.digits[0]: each.log_probability for each in island.candidates if len(each.digits) == 1}
        assert [single[digit] for digit in range(10)] == pytest.approx(
            [float(ctc.log_probability(logs[island.start : island.stop], (digit,))) for digit in range(10)]
        )
    assert first.candidates[0].digits == (3,)
    assert {candidate.digits for candidate in second.candidates[:3]} == {(), (1,), (1, 1)}


def test_the_best_of_the_islands_together_are_what_the_beam_reads(logs: ctc.Logs):
    best = [island.candidates[0] for island in islands.find(logs[None])]
    reading = ctc.beam(logs)[0]
    assert tuple(digit for candidate in best for digit in candidate.digits) == reading.digits
    together = sum(candidate.log_probability for candidate in best)
    assert math.exp(together) == pytest.approx(math.exp(reading.log_probability), rel=0.1)


def test_a_digit_is_in_the_middle_of_its_columns(logs: ctc.Logs):
    first, second = islands.find(logs[None])
    assert first.candidates[0].centers == (3.5 * STRIDE,)
    (twice,) = (candidate for candidate in second.candidates if candidate.digits == (1, 1))
    assert twice.centers == (7.5 * STRIDE, 9.5 * STRIDE)


def test_a_blank_line_has_no_island(logs: ctc.Logs):
    assert islands.find(logs[None, :3]) == []
    assert islands.find(logs[None, :0]) == []
