import cv2
import numpy as np
import pytest

from models.preprocessing.stroke_width import WIDTH, mend_strokes

SCALE = 4


def width(ink):
    """Measure a straight upright stroke in pixels of the box: the ink in a row through its middle."""
    return ink[ink.shape[0] // 2].sum() / 255 / SCALE


@pytest.mark.parametrize("pen", [1, 3, 5, 6, 7, 8, 9, 12])
def test_strokes_of_any_pen_get_the_width_of_mnist_s(pen):
    ink = np.zeros((100, 80), np.uint8)
    ink[5:95, 20 : 20 + pen] = 255
    mended = width(mend_strokes(ink, SCALE))
    assert WIDTH[0] - 0.3 <= mended <= WIDTH[1] + 0.4


def test_strokes_as_wide_as_mnist_s_are_unchanged():
    ink = np.zeros((80, 60), np.uint8)
    cv2.line(ink, (10, 10), (50, 70), 255, 7, cv2.LINE_AA)
    assert mend_strokes(ink, SCALE) is ink
