import time

import numpy as np
import pytest

from models.layout import strokes as layout
from models.layout.page import MOST_HEIGHT, MOST_LINES, picture_box
from models.layout.strokes import find_lines

Stroke = np.ndarray


def path(*points: tuple[float, float]) -> Stroke:
    return np.array(points, float)


def one(x: float, y: float, size: float = 1.0) -> list[Stroke]:
    return [path((x, y), (x, y + size))]


def five(x: float, y: float, size: float = 1.0) -> list[Stroke]:
    """Draw the body of a 5."""
    return [path((x, y), (x, y + size / 2), (x + 0.5, y + 0.6 * size), (x + 0.4, y + size), (x, y + size))]


def row(x: float, y: float, count: int, slope: float = 0.0) -> list[Stroke]:
    return [stroke for at in range(count) for stroke in one(x + at, y + slope * at)]


def test_strokes_side_by_side_are_one_line_in_the_order_in_which_they_were_drawn():
    written = [*one(2, 0), *one(0, 0.2), *one(1, 0.1)]
    (line,) = find_lines(written).lines
    assert line is not None
    assert line.strokes is not None
    assert [round(float(stroke[0, 0])) for stroke in line.strokes] == [140, 12, 76]


def test_a_digit_of_a_line_is_drawn_as_high_as_the_reader_needs():
    for size in (0.01, 1.0, 5000.0):
        (line,) = find_lines([stroke * size for stroke in row(0, 0, 10)]).lines
        assert line is not None
        assert line.box[3] == pytest.approx(layout.DIGIT + layout.PEN, abs=1)
        inked = line.drawing > 64
        assert np.flatnonzero(inked.any(axis=1))[[0, -1]] == pytest.approx(
            [line.box[1], sum(line.box[1::2]) - 1], abs=1
        )


def test_a_place_in_the_drawing_is_found_again_among_the_strokes():
    written = [stroke * 30 + (500, 100) for stroke in row(0, 0, 6, slope=0.15)]
    (line,) = find_lines(written).lines
    assert line is not None
    assert line.strokes is not None
    back = line.strokes[4] @ line.to_picture[:, :2].T + line.to_picture[:, 2]
    assert back == pytest.approx(written[4], abs=1e-6)
    x, y, width, _ = picture_box(line.box, line.to_picture)
    assert (x, y) <= (500, 100)
    assert x + width >= 650


@pytest.mark.parametrize("slope", [-0.2, 0.0, 0.2])
def test_sloping_lines_are_kept_apart_and_levelled(slope: float):
    page = find_lines([*row(0, 0, 8, slope), *row(0, 1.6, 6, slope), *row(0, 3.2, 8, slope)])
    assert [len(line.strokes or ()) for line in page.lines if line] == [8, 6, 8]
    for line in page.lines:
        assert line is not None
        assert line.box[3] < 1.3 * layout.DIGIT


def test_a_bar_drawn_later_joins_the_line_of_its_digit():
    bars = [path((0, 2), (0.5, 2)), path((1, 0), (1.5, 0))]
    page = find_lines([*five(0, 0), *five(1, 0), *five(0, 2), *five(1, 2), *bars])
    assert [len(line.strokes or ()) for line in page.lines if line] == [3, 3]


def test_an_8_of_two_loops_is_one_line():
    upper = path((0, 0), (0.4, 0), (0.4, 0.48), (0, 0.48), (0, 0))
    assert len(find_lines([upper, np.add(upper, (0, 0.5)), *one(1, 0)]).lines) == 1


def test_nothing_is_on_a_page_without_points():
    assert find_lines([]).lines == []
    assert find_lines([np.zeros((0, 2))]).lines == []


@pytest.mark.parametrize(
    "strokes",
    [
        [path((0, 0))],
        [path((0, 0), (1e9, 1)), path((5, 1e9))],
        [path((-1e300, 0), (1e300, 0))],
        [path((0, 0), (0, 1e6))],
        [path((at, 0), (at, 1)) for at in range(2000)],
        [path((7, 7), (7, 7)), path((7, 7))],
    ],
)
def test_any_strokes_are_drawn_within_bounds(strokes: list[Stroke]):
    for line in find_lines(strokes).lines:
        assert line is not None
        height, width = line.drawing.shape
        assert height <= MOST_HEIGHT + 2 * layout.MARGIN
        assert width <= layout.MOST_WIDTH + 2 * layout.MARGIN + 1
        assert np.isfinite(line.to_picture).all()
        assert line.drawing.any()


def test_very_many_strokes_in_one_place_are_grouped_quickly():
    began = time.perf_counter()
    assert len(find_lines(one(0, 0) * 2_000).lines) == 1
    assert time.perf_counter() - began < 2


def test_of_very_many_lines_the_highest_are_kept():
    written = [stroke for at in range(MOST_LINES + 50) for stroke in one(0, 3 * at, 0.8 if at % 5 == 0 else 1.0)]
    lines = find_lines(written).lines
    tops = [round(float(line.to_picture[1] @ (0, layout.MARGIN, 1))) for line in lines if line]
    assert len(tops) == MOST_LINES
    assert tops == [3 * at for at in range(MOST_LINES + 50) if at % 5]
