import cv2
import numpy as np

from models.preprocessing.segmentation import LONGEST_SIDE, isolate


def draw_five():
    """Draw a 5 whose bar is a stroke of its own."""
    drawing = np.zeros((120, 120), np.uint8)
    cv2.polylines(drawing, [np.array([[45, 45], [45, 60], [70, 62], [72, 85], [45, 92]])], False, 255, 6)
    cv2.line(drawing, (48, 33), (75, 31), 255, 6)
    return drawing


def test_the_detached_bar_of_a_digit_is_kept():
    assert np.array_equal(isolate(draw_five())[0], draw_five())


def test_lines_neighbours_and_dirt_are_erased():
    drawing = draw_five()
    drawing[:, 112:116] = 200
    drawing[6:9] = 200
    cv2.circle(drawing, (0, 70), 9, 255, 4)
    drawing[100:103, 20:23] = 255
    assert np.array_equal(isolate(drawing)[0], draw_five())


def test_a_pale_line_that_touches_a_dark_digit_is_erased():
    drawing = draw_five()
    cv2.line(drawing, (20, 75), (100, 75), 60, 3)
    away = cv2.dilate(draw_five(), np.ones((5, 5))) == 0
    assert not isolate(drawing)[0][away].any()


def test_a_large_drawing_is_scaled_down():
    drawing = cv2.resize(draw_five(), (1000, 1000))
    isolated = isolate(drawing)[0]
    assert isolated.shape == (LONGEST_SIDE, LONGEST_SIDE)
    assert isolated.any()


def test_a_drawing_of_lines_alone_is_not_blank():
    drawing = np.zeros((100, 100), np.uint8)
    drawing[20:23] = drawing[:, 70:73] = 255
    assert isolate(drawing)[0].any()
