"""Undo a blur that is known, since it was made here."""

import cv2
import numpy as np
import pytest

from models.arrays import Drawing
from models.numbers.deblurring import deblur


def eight() -> Drawing:
    drawing = np.zeros((80, 80), np.uint8)
    cv2.putText(drawing, "8", (18, 62), cv2.FONT_HERSHEY_SIMPLEX, 2, 255, 7, cv2.LINE_AA)
    return drawing


@pytest.mark.parametrize("deviation", [2.0, 3.0, 4.0])
def test_a_blurred_digit_becomes_sharper(deviation: float):
    sharp = eight()
    blurred = cv2.GaussianBlur(sharp, (0, 0), deviation)
    assert cv2.norm(deblur(blurred), sharp, cv2.NORM_L1) < 0.8 * cv2.norm(blurred, sharp, cv2.NORM_L1)


def test_a_sharp_digit_stays_as_it_is():
    sharp = eight()
    changed = cv2.norm(deblur(sharp), sharp, cv2.NORM_L1)
    assert changed < 0.15 * float(sharp.sum())


def test_blank_paper_stays_as_it_is():
    blank = np.zeros((20, 20), np.uint8)
    assert deblur(blank) is blank
