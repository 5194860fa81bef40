from __future__ import annotations

import cv2
import numpy as np

from models.preprocessing.canonicalize import canonicalize, canonicalize_in_row
from models.preprocessing.polarity import find_ink, find_ink_in_row
from models.preprocessing.several_digits import has_a_stroke_beside, may_be_several
from tests.models.preprocessing.marked import mark, write


def test_a_gap_from_top_to_bottom_or_wide_ink_may_be_several_digits():
    stroke = np.zeros((100, 100), np.uint8)
    stroke[20:80, 30:40] = 255
    assert not may_be_several(stroke)
    assert may_be_several(stroke | np.roll(stroke, 20, axis=1))
    assert may_be_several(stroke.T)
    assert not may_be_several(stroke | np.roll(stroke, 30, axis=0))


def test_the_ink_beside_a_digit_is_found_and_its_digit_stays_the_same(splits):
    found = 0
    for digit, other in zip(splits.test.digits[:40], splits.test.digits[40:80], strict=True):
        both = cv2.resize(np.hstack((digit[:, 4:24], other[:, 4:24])), None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
        canvas = 255 - np.pad(both, 30)
        photo = (210 + np.linspace(0, 30, canvas.shape[1]) - 0.6 * (255.0 - canvas)).astype(np.uint8)
        for picture in (canvas, photo):
            ink, row = find_ink_in_row(picture)
            assert np.array_equal(ink, find_ink(picture))
            canonical = canonicalize_in_row(ink, row)
            assert np.array_equal(canonical.digit, canonicalize(ink))
            found += canonical.row is not None
    assert found > 70  # of 80; some touch, and are as narrow as one


def test_most_single_digits_need_no_second_look(splits):
    looked = 0
    for digit in splits.test.digits[:500]:
        drawing = np.pad(cv2.resize(digit, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC), 20)
        looked += canonicalize_in_row(drawing).row is not None
    assert looked < 50


def test_a_thin_stroke_beside_a_digit_makes_several(splits):
    beside, alone = 0, 0
    for digit in splits.validation.digits[:60]:
        drawing = write(digit)
        left, top, width, height = cv2.boundingRect((drawing > 60).astype(np.uint8))
        alone += has_a_stroke_beside(drawing)
        x = left + width + 14
        cv2.line(drawing, (x + 4, top), (x, top + height), 255, 6, cv2.LINE_AA)
        beside += has_a_stroke_beside(drawing)
    assert (beside >= 50, alone) == (True, 0)  # some digits are as low as they are wide


def test_a_bracket_beside_a_digit_makes_no_other_digit(splits):
    assert sum(has_a_stroke_beside(mark(write(digit), "bracket after")) for digit in splits.validation.digits[:60]) <= 3
