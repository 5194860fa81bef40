import cv2
import numpy as np

from models.layout.page import TextLine
from models.layout.strokes import find_lines
from models.numbers.spreading import SpreadLine, spread

Stroke = np.ndarray


def path(*points: tuple[float, float]) -> Stroke:
    return np.array(points, float)


SEVEN = path((-0.3, -0.5), (0.3, -0.5), (-0.1, 0.5))
CROSS = path((-0.2, 0), (0.2, 0))
RING = np.stack([0.3 * np.cos(np.linspace(0, 7, 40)), 0.5 * np.sin(np.linspace(0, 7, 40))], axis=1)


def moved(stroke: Stroke, right: float) -> Stroke:
    return np.add(stroke, (right, 0))


def line_of(*strokes: Stroke) -> tuple[TextLine, SpreadLine]:
    (line,) = find_lines(strokes).lines
    assert line is not None
    assert line.strokes is not None
    return line, spread(line, line.strokes)


def pieces(drawing: np.ndarray) -> int:
    return cv2.connectedComponents((drawing > 100).astype(np.uint8))[0] - 1


def test_digits_that_overlap_are_moved_apart():
    line, apart = line_of(RING, moved(RING, 0.5), moved(RING, 1.0))
    assert pieces(line.drawing) == 1
    assert pieces(apart.drawing) == 3


def test_a_bar_drawn_after_other_digits_stays_on_its_digit():
    line, apart = line_of(SEVEN, moved(RING, 0.55), CROSS)
    assert pieces(line.drawing) == 1
    assert pieces(apart.drawing) == 2
    assert len(apart.starts) == 2


def test_digits_far_apart_stay_where_they_are():
    line, apart = line_of(RING, moved(RING, 1.0), moved(SEVEN, 2.0), moved(CROSS, 2.0))
    np.testing.assert_array_equal(apart.drawing, line.drawing)
    assert apart.box == line.box


def test_a_box_is_found_again_where_its_ink_was():
    line, apart = line_of(RING, moved(RING, 0.5))
    assert line.strokes is not None
    contours = cv2.findContours((apart.drawing > 100).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    boxes = sorted(cv2.boundingRect(contour) for contour in contours)
    for box, stroke in zip(boxes, line.strokes, strict=True):
        x, _, width, _ = apart.original(box)
        assert abs(x + 3 - stroke[:, 0].min()) <= 2
        assert abs(x + width - 3 - stroke[:, 0].max()) <= 2
