import cv2
import numpy as np
import pytest

from models.errors import BlankDrawing, DrawingError
from models.numbers import strips
from models.numbers.strips import BUCKET, HEIGHT


def drawing(height: int = 200, thick: int = 9) -> np.ndarray:
    """Draw two bars, 90 pixels apart and 100 high, in the middle of much paper."""
    page = np.zeros((height, 400), np.uint8)
    cv2.line(page, (150, 50), (150, 150), 200, thick)
    cv2.line(page, (240, 50), (240, 150), 200, thick)
    return page


def test_a_strip_has_the_networks_height_and_the_lines_aspect():
    line = strips.cut(drawing())
    assert line.strip.shape[0] == HEIGHT
    assert line.strip.shape[1] == pytest.approx(HEIGHT * (99 + 2 * 0.3 * 109) / (1.32 * 109), abs=2)
    assert line.strip.max() == 255
    assert line.strip[0].max() == 0


def test_a_column_of_the_strip_is_found_again_in_the_drawing():
    line = strips.cut(drawing())
    inked = np.flatnonzero(line.strip.sum(axis=0) > 255 * 5)
    assert line.left + (inked[0] + 0.5) * line.scale == pytest.approx(147, abs=line.scale)
    assert line.left + (inked[-1] + 0.5) * line.scale == pytest.approx(243, abs=line.scale)


def test_a_line_is_cut_by_its_box_too():
    page = drawing()
    page[180:190] = 255
    line = strips.cut(page, (146, 50, 99, 101))
    assert line.strip[-1].max() == 0


@pytest.mark.parametrize("dark", [True, False])
def test_ink_is_found_in_either_polarity(dark: bool):
    grey = 220 - drawing() // 2 if dark else 30 + drawing() // 2
    ink = strips.ink(grey)
    assert ink[100, 150] == 100
    assert ink[10, 10] == 0


def test_wide_strips_fill_whole_buckets():
    assert strips.padded(np.ones((HEIGHT, 65), np.uint8)).shape == (HEIGHT, 2 * BUCKET)
    assert strips.padded(np.ones((HEIGHT, 64), np.uint8)).shape == (HEIGHT, BUCKET)


def test_a_drawing_without_ink_is_blank():
    with pytest.raises(BlankDrawing, match="write a number"):
        strips.cut(np.zeros((50, 90), np.uint8))


@pytest.mark.parametrize("broken", [np.zeros((5, 5, 3), np.uint8), np.zeros((5, 5))])
def test_other_arrays_are_refused(broken: np.ndarray):
    with pytest.raises(DrawingError, match="must be"):
        strips.cut(broken)


def test_an_endless_line_is_refused():
    page = np.zeros((40, 9000), np.uint8)
    page[10:30, 5:8990] = 255
    with pytest.raises(DrawingError, match="cut it into several"):
        strips.cut(page)


def test_a_level_stroke_is_not_blown_up():
    page = np.zeros((100, 600), np.uint8)
    page[50:52, 20:580] = 255
    line = strips.cut(page)
    assert line.strip.shape[1] < strips.LONGEST
