"""Weigh what a line says by the real network for single digits; what the line's network says is made up."""

import cv2
import numpy as np
import pytest

from model_training.data.dataset import Splits
from models.arrays import Drawing
from models.inference.digit_model import DigitModel
from models.numbers import ctc, lattice, strips
from models.numbers.ctc import BLANK, CLASSES, STRIDE
from models.numbers.lattice import JudgedLine
from models.numbers.pieces import Cutter


@pytest.fixture(scope="module")
def drawing(splits: Splits) -> Drawing:
    """A four, a two and a seven of MNIST's validation split, beside each other."""
    labels = splits.validation.labels
    chosen = [splits.validation.digits[np.flatnonzero(labels == digit)[3]] for digit in (4, 2, 7)]
    return np.pad(np.hstack([cv2.resize(digit, (84, 84)) for digit in chosen]), 20)


@pytest.fixture(scope="module")
def line(drawing: Drawing) -> strips.Line:
    return strips.cut(drawing)


def logs(line: strips.Line, unsure: float, second: str = "2") -> ctc.Logs:
    """Say 9 2 7, each in the middle of its digit; the first may as well be a 4, by `unsure` less."""
    logits = np.zeros((-(-line.strip.shape[1] // STRIDE), CLASSES), np.float32)
    logits[:, BLANK] = 9
    for at, digit in enumerate((9, 2, 7)):
        column = round(((20 + 84 * (at + 0.5)) - line.left) / line.scale / STRIDE)
        logits[column, [digit, BLANK]] = 18, 0
        if at == 0:
            logits[column, 4] = 18 - unsure
        if at == 1 and not second:
            logits[column, BLANK] = 18.2
    return ctc.log_probabilities(logits)


def read(drawing: Drawing, line: strips.Line, columns: ctc.Logs, model: DigitModel) -> JudgedLine:
    return lattice.read(Cutter(drawing, line), columns[None], model)


def test_the_single_digit_decides_where_the_line_is_unsure(drawing: Drawing, line: strips.Line, model: DigitModel):
    judged = read(drawing, line, logs(line, 0.5), model)
    assert [digit.digit for digit in judged.digits] == [4, 2, 7]
    assert judged.digits[0].certainty < judged.digits[1].certainty
    assert judged.certainty < 1


def test_the_line_decides_where_it_is_sure(drawing: Drawing, line: strips.Line, model: DigitModel):
    judged = read(drawing, line, logs(line, 15.0), model)
    assert [digit.digit for digit in judged.digits] == [9, 2, 7]
    assert judged.digits[0].alone.digit == 4


def test_a_digit_that_the_line_may_as_well_skip_is_kept_if_it_is_one(
    drawing: Drawing, line: strips.Line, model: DigitModel
):
    columns = logs(line, 15.0, second="")
    assert ctc.beam(columns)[0].digits == (9, 7)
    assert [digit.digit for digit in read(drawing, line, columns, model).digits] == [9, 2, 7]


def test_the_probabilities_of_a_digit_sum_to_1_and_agree_with_it(
    drawing: Drawing, line: strips.Line, model: DigitModel
):
    for digit in read(drawing, line, logs(line, 0.5), model).digits:
        assert sum(digit.probabilities) == pytest.approx(1)
        assert min(digit.probabilities) > 0
    first = read(drawing, line, logs(line, 0.5), model).digits[0]
    assert first.probabilities[9] > 100 * first.probabilities[2]


def test_each_digit_has_the_box_of_its_ink(drawing: Drawing, line: strips.Line, model: DigitModel):
    for at, digit in enumerate(read(drawing, line, logs(line, 0.5), model).digits):
        x, y, width, height = digit.box
        inked = drawing[:, 20 + 84 * at : 20 + 84 * (at + 1)] > 80
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        assert (x, x + width - 1) == pytest.approx((20 + 84 * at + columns[0], 20 + 84 * at + columns[-1]), abs=3)
        assert (y, y + height - 1) == pytest.approx((rows[0], rows[-1]), abs=3)


def test_a_line_without_digits_is_read_as_nothing(drawing: Drawing, line: strips.Line, model: DigitModel):
    blank = np.zeros((line.strip.shape[1] // STRIDE, CLASSES), np.float32)
    blank[:, BLANK] = 20
    assert read(drawing, line, ctc.log_probabilities(blank), model) == JudgedLine([], 1.0, 0.0)


def test_digits_that_fill_their_line_are_evidence_of_a_number(drawing: Drawing, line: strips.Line, model: DigitModel):
    judged = read(drawing, line, logs(line, 15.0), model)
    assert judged.evidence > 0.8
    wide = np.pad(drawing, ((0, 0), (0, 900)))
    cv2.putText(wide, "ink", (300, 100), 0, 5, 255, 9)
    longer = strips.cut(wide)
    assert read(wide, longer, logs(longer, 15.0), model).evidence < judged.evidence - 0.1


def test_margins_and_certainties_are_the_same_scale():
    assert lattice.margin(0.75) == 0.5
    assert lattice.margin(0.3) == 0
    assert lattice.certainty(lattice.margin(0.9)) == pytest.approx(0.9)
    assert lattice.certainty(0) == 0
