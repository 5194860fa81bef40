import cv2
import numpy as np
import pytest

from models.preprocessing.ruled_lines import erase_lines


def sheet(side=120):
    return np.zeros((side, side), np.uint8)


def components(mask):
    return cv2.connectedComponents(mask)[0] - 1


@pytest.mark.parametrize("slope", [-0.15, -0.03, 0, 0.03, 0.15])
@pytest.mark.parametrize("turned", [False, True])
def test_a_line_is_erased_and_the_stroke_that_crosses_it_is_kept(slope, turned):
    mask = sheet()
    cv2.line(mask, (60, 15), (64, 105), 255, 8)
    stroke = mask.copy()
    cv2.line(mask, (-9, round(70 - 69 * slope)), (129, round(70 + 69 * slope)), 255, 3)
    other = sheet()
    cv2.circle(other, (20, 25), 9, 255, 3)
    mask |= other
    if turned:
        mask, stroke, other = (np.ascontiguousarray(array.T) for array in (mask, stroke, other))
    erased = erase_lines(mask)
    assert np.array_equal(erased & stroke, stroke)
    assert components(erased) == 2
    assert cv2.countNonZero(erased & ~(stroke | other)) < 60


def test_a_frame_is_erased_with_the_ink_outside_it():
    mask = sheet()
    cv2.circle(mask, (60, 60), 25, 255, 5)
    digit = mask.copy()
    for at in (10, 110):
        cv2.line(mask, (at, 0), (at, 119), 255, 4)
        cv2.line(mask, (0, at), (119, at), 255, 4)
    cv2.line(mask, (0, 40), (4, 60), 255, 3)
    assert np.array_equal(erase_lines(mask), digit)


def test_the_bar_of_a_cropped_seven_is_kept():
    mask = sheet(100)
    cv2.polylines(mask, [np.array([[0, 4], [99, 4], [40, 99]])], False, 255, 9)
    assert np.array_equal(erase_lines(mask), mask)


@pytest.mark.parametrize("drawing", ["arc", "block", "small", "empty"])
def test_ink_that_is_not_a_line_is_kept(drawing):
    mask = sheet(16 if drawing == "small" else 120)
    if drawing == "arc":
        cv2.ellipse(mask, (60, 150), (90, 110), 0, 180, 360, 255, 5)
        cv2.circle(mask, (20, 20), 8, 255, 3)
    elif drawing == "block":
        mask[40:80] = 255
        mask[100:110, 20:30] = 255
    elif drawing == "small":
        mask[7:9] = 255
        mask[2:4, 2:4] = 255
    assert np.array_equal(erase_lines(mask), mask)
