"""Read pages by the real network for single digits; what the line's network says is made up."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model_training.data.dataset import Splits
from models.inference.contract import Contract
from models.inference.digit_model import DigitModel
from models.inference.rejection import Rejection
from models.inference.standardization import Standardization
from models.layout.page import Page, TextLine
from models.layout.strokes import find_lines
from models.numbers.ctc import BLANK, CLASSES, STRIDE
from models.numbers.line_model import LineModel
from models.numbers.number import Number
from models.numbers.reader import NumberReader
from models.numbers.strips import Strip

TWICE = np.array([[2.0, 0, 5], [0, 2, 7]])


class MadeUp:
    """An engine that takes every stretch of inked columns for the digit named, as surely as it is told."""

    def __init__(self, digits: str, sure: float) -> None:
        self._digits, self._sure = digits, sure

    def logits(self, strip: Strip) -> NDArray[np.float32]:
        logits = np.zeros((-(-strip.shape[1] // STRIDE), CLASSES), np.float32)
        logits[:, BLANK] = 14
        edges = np.flatnonzero(np.diff(strip.max(axis=0) > 160, prepend=False, append=False))
        for digit, start, stop in zip(self._digits, edges[::2], edges[1::2], strict=True):
            column = (start + stop) // 2 // STRIDE
            logits[column - 2 : column + 3, [int(digit), BLANK]] = 14, 14 - self._sure
        return logits


def reader(model: DigitModel, digits: str, sure: float = 9.0) -> NumberReader:
    rejection = Rejection("energy", 0.0, 1.0, 0.0, min_margin=0.9)
    contract = Contract("numbers", tuple(range(10)), Standardization(30, 60), 1.0, rejection)
    return NumberReader(LineModel(contract, MadeUp(digits, sure), 1), model)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def line(splits: Splits) -> TextLine:
    """A four, a two and a seven of MNIST's validation split."""
    labels = splits.validation.labels
    chosen = [splits.validation.digits[np.flatnonzero(labels == digit)[3]] for digit in (4, 2, 7)]
    drawing = np.pad(np.hstack([np.pad(cv2.resize(digit, (84, 84)), ((0, 0), (8, 8))) for digit in chosen]), 20)
    return TextLine(drawing, cv2.boundingRect((drawing > 80).astype(np.uint8)), TWICE)


def check(number: Number) -> None:
    """Hold what every answer promises."""
    for read in number.lines:
        for digit in read.digits:
            probabilities = digit.prediction.probabilities
            assert sum(probabilities) == pytest.approx(1)
            assert digit.prediction.digit == int(np.argmax(probabilities))
            assert min(digit.box[2:]) > 0
        assert bool(read.reason) == any(digit.prediction.reason for digit in read.digits)
    assert number.accepted == (bool(number.lines) and not any(read.reason for read in number.lines))


def test_a_number_that_both_networks_read_is_accepted(line: TextLine, model: DigitModel):
    number = reader(model, "427").read(Page([line]))
    assert number.number == "427"
    assert number.accepted
    check(number)


def test_the_digit_in_doubt_is_named(line: TextLine, model: DigitModel):
    number = reader(model, "927", sure=2.0).read(Page([line]))
    assert number.reason == "ambiguous"
    assert "ambiguous" in [digit.prediction.reason for digit in number.lines[0].digits]
    check(number)


def test_a_grid_is_accepted_only_if_all_its_cells_together_are_surely_right(splits: Splits, model: DigitModel):
    four = splits.validation.digits[np.flatnonzero(splits.validation.labels == 4)[3]]
    drawing = np.pad(cv2.resize(four, (84, 84)), 20)
    cell = TextLine(drawing, cv2.boundingRect((drawing > 80).astype(np.uint8)), TWICE)
    one = reader(model, "4", sure=9.0).read(Page([cell], (1, 1)))
    assert one.accepted
    many = reader(model, "4", sure=9.0).read(Page([cell] * 81, (9, 9)))
    assert many.number == "\n".join("4" * 81)
    assert many.reason == "ambiguous"
    assert [line.reason for line in many.lines].count("ambiguous") == 1
    check(one)
    check(many)


def test_boxes_are_in_pixels_of_the_picture(line: TextLine, model: DigitModel):
    (read,) = reader(model, "427").read(Page([line])).lines
    x, y, width, height = line.box
    assert read.box == pytest.approx((2 * x + 5, 2 * y + 7, 2 * width, 2 * height), abs=8)


def test_lines_are_joined_by_newlines(line: TextLine, model: DigitModel):
    number = reader(model, "427").read(Page([line, line]))
    assert number.number == "427\n427"
    check(number)


def test_a_page_without_lines_is_blank_and_one_without_digits_no_number(line: TextLine, model: DigitModel):
    assert reader(model, "427").read(Page([])).reason == "blank"
    scribble = np.zeros((120, 600), np.uint8)
    points = np.random.default_rng(2).integers((10, 10), (590, 110), (60, 2))
    cv2.polylines(scribble, [points.astype(np.int32)], False, 255, 3)
    number = reader(model, "4").read(Page([TextLine(scribble, (10, 10, 580, 100), TWICE)]))
    assert number.number == ""
    assert number.reason == "not_a_number"


def test_touching_digits_are_told_apart_by_their_strokes(model: DigitModel):
    turn = np.linspace(0, 6.4, 40)
    ring = np.stack([30 * np.cos(turn), 50 * np.sin(turn)], axis=1)
    page = find_lines([ring, np.add(ring, (50, 0)), np.add(ring, (100, 0))])
    (read,) = reader(model, "000").read(page).lines
    assert read.number == "000"
    middles = [digit.box[0] + digit.box[2] / 2 for digit in read.digits]
    assert middles == pytest.approx([0, 50, 100], abs=4)
