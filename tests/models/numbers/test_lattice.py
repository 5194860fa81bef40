"""Judge readings of a line by the real network for single digits; what the line's network says is made up."""

import cv2
import numpy as np
import pytest

from model_training.data.dataset import Splits
from models.arrays import Drawing
from models.inference.digit_model import DigitModel
from models.numbers import ctc, lattice, strips
from models.numbers.ctc import BLANK, CLASSES, STRIDE


@pytest.fixture(scope="module")
def drawing(splits: Splits) -> Drawing:
    """A four, a two and a seven of MNIST's validation split, beside each other."""
    labels = splits.validation.labels
    chosen = [splits.validation.digits[np.flatnonzero(labels == digit)[3]] for digit in (4, 2, 7)]
    return np.pad(np.hstack([cv2.resize(digit, (84, 84)) for digit in chosen]), 20)


@pytest.fixture(scope="module")
def line(drawing: Drawing) -> strips.Line:
    return strips.cut(drawing)


def logs(line: strips.Line, unsure: float) -> ctc.Logs:
    """Say 9 2 7, each in the middle of its digit; the first may as well be a 4, by `unsure` less."""
    logits = np.zeros((-(-line.strip.shape[1] // STRIDE), CLASSES), np.float32)
    logits[:, BLANK] = 9
    for at, digit in enumerate((9, 2, 7)):
        column = round(((20 + 84 * (at + 0.5)) - line.left) / line.scale / STRIDE)
        logits[column, [digit, BLANK]] = 18, 0
        if at == 0:
            logits[column, 4] = 18 - unsure
    return ctc.log_probabilities(logits)


def judged(drawing: Drawing, line: strips.Line, unsure: float, model: DigitModel) -> list[lattice.JudgedReading]:
    columns = logs(line, unsure)
    return lattice.judge(drawing, line, columns, ctc.beam(columns), model)


def test_the_single_digit_decides_where_the_line_is_unsure(drawing: Drawing, line: strips.Line, model: DigitModel):
    best, second, *_ = judged(drawing, line, 0.5, model)
    assert [digit.digit for digit in best.digits] == [4, 2, 7]
    assert [digit.digit for digit in second.digits] == [9, 2, 7]
    assert best.log_probability < second.log_probability
    assert best.score > second.score


def test_the_line_decides_where_it_is_sure(drawing: Drawing, line: strips.Line, model: DigitModel):
    best = judged(drawing, line, 15.0, model)[0]
    assert [digit.digit for digit in best.digits] == [9, 2, 7]
    assert best.digits[0].prediction.digit == 4


def test_each_digit_has_the_box_of_its_ink(drawing: Drawing, line: strips.Line, model: DigitModel):
    for at, digit in enumerate(judged(drawing, line, 0.5, model)[0].digits):
        x, y, width, height = digit.box
        assert 20 + 84 * at - 4 <= x
        assert x + width <= 20 + 84 * (at + 1) + 4
        inked = drawing[y : y + height, x : x + width] > 64
        assert inked.any(axis=1).all()
        assert inked[:, [0, -1]].any(axis=0).all()


def test_a_line_without_digits_has_one_reading(drawing: Drawing, line: strips.Line, model: DigitModel):
    blank = np.zeros((line.strip.shape[1] // STRIDE, CLASSES), np.float32)
    blank[:, BLANK] = 20
    columns = ctc.log_probabilities(blank)
    readings = lattice.judge(drawing, line, columns, ctc.beam(columns)[:1], model)
    assert [reading.digits for reading in readings] == [[]]


def test_the_margin_is_the_difference_of_the_two_best():
    assert lattice.margin([np.log(0.6), np.log(0.3), np.log(0.1)]) == pytest.approx(0.3)
    assert lattice.margin([-1000.0]) == 1
