from __future__ import annotations

import numpy as np
import pytest

from model_training.data import number_writers
from model_training.evaluation import number_answers, number_detection, number_pages
from model_training.evaluation.number_answers import Answer
from model_training.evaluation.number_pages import DigitBox, NumberPage
from tests.benchmarks.numbers import table


@pytest.fixture(scope="module")
def page() -> NumberPage:
    fonts, _, _ = number_writers.machines(np.random.default_rng(1))
    return number_pages.compose("page", [3, 5], fonts[0], np.random.default_rng(2))


def answers(*texts: str, way: str = "cut") -> list[dict]:
    return [{"way": f"{way} {place}", "text": text, "ms": 1.0} for place, text in enumerate(texts)]


def test_a_composed_page_has_the_box_of_each_digit_around_its_ink(page) -> None:
    assert [len(line) for line in page.number.split("\n")] == [3, 5]
    assert [box.digit for box in page.boxes] == [int(digit) for digit in page.number if digit != "\n"]
    picture = page.picture.astype(int)
    paper = np.median(picture)
    for _, (x, y, width, height) in page.boxes:
        ink = picture[round(y) : round(y + height), round(x) : round(x + width)]
        assert abs(ink - paper).max() > 60


def test_a_box_counts_once_and_only_with_the_right_digit() -> None:
    truth = [DigitBox(4, (0, 0, 10, 20)), DigitBox(2, (20, 0, 10, 20))]
    found = [DigitBox(4, (1, 0, 10, 20)), DigitBox(4, (0, 0, 10, 20)), DigitBox(7, (20, 0, 10, 20))]
    counted = number_detection.detect(truth, found)
    assert (counted.right, counted.found, counted.there) == (1, 3, 2)
    assert counted.f1 == pytest.approx(0.4)
    assert number_detection.overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)


def test_answers_are_scored_by_kind(page) -> None:
    right = Answer(page, page.number, page.boxes, True, 0.01)
    wrong = Answer(page, page.number[1:], page.boxes[1:], True, 0.03)
    scores = number_answers.by([right, wrong], number_answers.kind)["page"]
    assert (scores["exact"], scores["wrong_accepted"]) == (0.5, 0.5)
    assert scores["cer"] == pytest.approx(1 / 18)
    assert scores["recall"] == pytest.approx(15 / 16)
    assert scores["ms"] == pytest.approx(20)


def test_the_best_way_of_a_peer_counts_and_its_letters_that_look_like_digits(page) -> None:
    text = page.number.replace("\n", " ")
    said = [answers("", text.replace("0", "O"))]
    scores = table.scores([page], said, peer=True)["page"]
    assert scores["exact"] == 1
    assert scores["way"].startswith("cut 1")


def test_a_grid_has_a_character_for_each_cell() -> None:
    assert table.cells("5\n\n1x") == "5-1"
    assert table.cells("5-1") == "5-1"
