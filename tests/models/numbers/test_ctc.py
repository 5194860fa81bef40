import itertools
import math

import numpy as np
import pytest

from models.numbers import ctc
from models.numbers.ctc import BLANK, CLASSES


def spelled(path: tuple[int, ...]) -> tuple[int, ...]:
    """Return what a path of outputs says: runs are one digit, blanks are none."""
    return tuple(digit for digit, _ in itertools.groupby(path) if digit != BLANK)


@pytest.fixture(scope="module")
def few() -> ctc.Logs:
    """Five columns of which only 0, 1 and the blank are likely, so that all paths can be counted."""
    logits = np.full((5, CLASSES), -40.0, np.float32)
    logits[:, [0, 1, BLANK]] = np.random.default_rng(3).normal(0, 1.5, (5, 3))
    return ctc.log_probabilities(logits)


@pytest.fixture(scope="module")
def counted(few: ctc.Logs) -> dict[tuple[int, ...], float]:
    """Add up the probabilities of all paths by what they say."""
    total: dict[tuple[int, ...], float] = {}
    for path in itertools.product((0, 1, BLANK), repeat=5):
        probability = math.exp(sum(few[column, output] for column, output in enumerate(path)))
        total[spelled(path)] = total.get(spelled(path), 0) + probability
    return total


def test_the_beam_finds_the_likeliest_strings_with_their_probabilities(few, counted):
    readings = ctc.beam(few, width=200)
    ranked = sorted(counted, key=lambda digits: -counted[digits])
    assert [reading.digits for reading in readings[:5]] == ranked[:5]
    for reading in readings[:5]:
        assert math.exp(reading.log_probability) == pytest.approx(counted[reading.digits], rel=1e-4)


def test_the_probability_of_a_string_is_that_of_all_its_paths(few, counted):
    for digits in ((), (0,), (1, 0), (0, 0), (1, 1, 1), (0, 1, 0, 1, 0)):
        assert math.exp(ctc.log_probability(few, digits)) == pytest.approx(counted[digits], rel=1e-6)


def test_each_digit_is_found_in_its_columns():
    logs = said("--44-4--10")
    assert ctc.greedy(logs) == [(4, 2, 4), (4, 5, 6), (1, 8, 9), (0, 9, 10)]
    assert ctc.align(logs, (4, 4, 1, 0)) == ctc.greedy(logs)
    assert ctc.align(logs, (4, 4, 7, 0)) == [(4, 2, 4), (4, 5, 6), (7, 8, 9), (0, 9, 10)]


def test_a_string_that_is_too_long_for_the_line_is_not_aligned():
    assert ctc.align(said("12"), (1, 1)) is None
    assert ctc.align(said("12"), (1, 2)) == [(1, 0, 1), (2, 1, 2)]


def test_an_empty_line_is_read_as_nothing():
    assert ctc.greedy(said("----")) == []
    assert ctc.beam(said("----"))[0].digits == ()
    assert ctc.align(said("----"), ()) == []


def said(columns: str) -> ctc.Logs:
    """Return columns that say these digits nearly surely; - is a blank."""
    logits = np.zeros((len(columns), CLASSES), np.float32)
    logits[range(len(columns)), [BLANK if column == "-" else int(column) for column in columns]] = 8
    return ctc.log_probabilities(logits)
