from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from tests.load.answers import Answers, WrongAnswer
from tests.load.drawing import CANVAS, draw_many
from tests.load.limits import Limits, Outcome
from tests.load.loopback import refusal

OUTCOME = Outcome(requests=1000, failures=0, requests_per_second=500, p50_ms=5, p95_ms=20, p99_ms=40)


def prediction(digit):
    return {"digit": digit, "model": {"name": "digits", "version": 1}}


def test_drawings_are_canvas_pngs_and_the_same_for_the_same_seed() -> None:
    drawings = draw_many(12, seed=1)
    assert drawings == draw_many(12, seed=1)
    assert [drawing.digit for drawing in drawings] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    with Image.open(io.BytesIO(drawings[0].png)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (CANVAS, CANVAS))


def test_a_run_within_its_limits_breaks_none() -> None:
    assert Limits(max_p99_ms=40, min_requests_per_second=500, max_failures=0).broken(OUTCOME) == []


@pytest.mark.parametrize(
    ("limits", "change"),
    [
        (Limits(max_p99_ms=39), {}),
        (Limits(min_requests_per_second=501), {}),
        (Limits(), {"failures": 1}),
        (Limits(max_failures=None), {"requests": 0}),
    ],
)
def test_each_limit_can_be_broken(limits, change) -> None:
    assert len(limits.broken(replace(OUTCOME, **change))) == 1


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_this_machine_may_be_loaded(host) -> None:
    assert refusal(host) is None


@pytest.mark.parametrize("host", ["http://192.0.2.1", "http://10.0.0.1:8000", "127.0.0.1:8000", ""])
def test_other_machines_and_invalid_urls_may_not_be_loaded(host) -> None:
    assert refusal(host)


def test_a_drawing_must_be_read_as_the_same_digit_each_time() -> None:
    answers, (drawing,) = Answers(), draw_many(1, seed=1)
    answers.check(drawing, prediction(0))
    answers.check(drawing, prediction(0))
    with pytest.raises(WrongAnswer):
        answers.check(drawing, prediction(6))


def test_a_batch_must_have_a_prediction_for_each_drawing_in_order() -> None:
    answers, drawings = Answers(), draw_many(2, seed=1)
    answers.check_batch(drawings, {"predictions": [prediction(0), prediction(1)]})
    for bad in ({"predictions": [prediction(0)]}, {"predictions": [prediction(1), prediction(0)]}, {"code": "x"}, None):
        with pytest.raises(WrongAnswer):
            answers.check_batch(drawings, bad)
