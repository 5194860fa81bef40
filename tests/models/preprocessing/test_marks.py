import cv2
import numpy as np
import pytest

from models.preprocessing.canonicalize import canonicalize, canonicalize_in_row
from models.preprocessing.polarity import find_ink
from tests.models.preprocessing.marked import MARKS, SIDE, mark, write


def difference(one, other):
    """Return the mean difference in grey levels."""
    return np.abs(one.astype(float) - other).mean()


@pytest.mark.parametrize("name", MARKS)
def test_a_marked_digit_is_redrawn_as_without_the_mark(splits, name):
    off = []
    for digit in splits.validation.digits[:60]:
        drawing = write(digit)
        off.append(difference(canonicalize(drawing), canonicalize(mark(drawing, name))))
    assert sorted(off)[54] < 6, [round(value) for value in off]  # some touch the mark


@pytest.mark.parametrize("angle", [0, 17, -12])
@pytest.mark.parametrize("light", [False, True])
def test_a_digit_on_a_sheet_is_read_and_the_sheet_is_not(splits, angle, light):
    corners = cv2.boxPoints(((SIDE / 2, SIDE / 2), (130, 150), angle)).astype(np.int32)
    sheet = cv2.fillPoly(np.zeros((SIDE, SIDE), np.uint8), [corners], 220)
    lifted = 0
    for digit in splits.validation.digits[:40]:
        drawing = write(digit)
        picture = 20 + (sheet * (1 - drawing / 280)).astype(np.uint8)
        picture = ~picture if light else picture
        lifted += difference(canonicalize(find_ink(picture)), canonicalize(drawing)) < 8
    assert lifted >= 38


@pytest.mark.parametrize("side", [28, 100])
@pytest.mark.parametrize("light", [False, True])
def test_a_straight_edge_of_a_frame_is_left_out(splits, side, light):
    for digit in splits.validation.digits[:20]:
        drawing = write(digit, side, side * 5 // 7)
        for edge in (np.s_[:, -1], np.s_[-1], np.s_[:, 0], np.s_[0]):
            framed = drawing.copy()
            framed[edge] = 200
            picture = ~framed if light else framed
            assert difference(canonicalize(find_ink(picture)), canonicalize(drawing)) < 2


def test_an_mnist_digit_with_an_edge_of_a_frame_is_that_digit(splits):
    digit = splits.validation.digits[0]
    framed = digit.copy()
    framed[:, -1] = 255
    assert np.array_equal(canonicalize(find_ink(framed)), digit)
    assert np.array_equal(canonicalize(find_ink(~framed)), digit)


def test_what_belongs_to_a_digit_stays():
    zero = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(zero, (100, 100), (40, 62), 0, 0, 360, 255, 12, cv2.LINE_AA)
    dotted, slashed, struck = zero.copy(), zero.copy(), zero.copy()
    cv2.circle(dotted, (100, 100), 8, 255, -1)
    cv2.line(slashed, (84, 126), (116, 74), 255, 8, cv2.LINE_AA)
    cv2.line(struck, (60, 165), (140, 35), 255, 10, cv2.LINE_AA)
    five = np.zeros((SIDE, SIDE), np.uint8)
    cv2.polylines(five, [np.array([[80, 55], [76, 95], [120, 105], [118, 150], [76, 155]])], False, 255, 12)
    barred = five.copy()
    cv2.line(barred, (82, 38), (130, 36), 255, 12)
    for whole, part in ((dotted, zero), (slashed, zero), (struck, zero), (barred, five)):
        assert difference(canonicalize(whole), canonicalize(part)) > 1


def test_a_stroke_in_a_ring_is_read_in_two_ways():
    ring = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(ring, (100, 100), 70, 255, 8, cv2.LINE_AA)
    cv2.line(ring, (82, 140), (118, 60), 255, 8, cv2.LINE_AA)
    canonical = canonicalize_in_row(ring)
    assert canonical.other is not None
    assert difference(canonical.digit, canonical.other) > 10


def test_single_digits_are_read_as_before_marks_were_looked_for(splits):
    doubted = 0
    for digit in splits.validation.digits[:300]:
        drawing = write(digit)
        doubted += canonicalize_in_row(drawing).other is not None
    assert doubted <= 2


@pytest.mark.parametrize("contrast", [1, 6, 15, 23])
@pytest.mark.parametrize("paper", [0, 90, 255])
def test_faint_ink_on_clean_paper_is_read(splits, contrast, paper):
    for digit in splits.validation.digits[:10]:
        drawing = write(digit)
        ink = np.rint(drawing / 255 * contrast).astype(np.uint8)
        picture = np.full_like(ink, paper) + (ink if paper < 128 else -ink)
        plain = np.where(drawing > 127, np.uint8(255), np.uint8(0)) if contrast == 1 else drawing
        assert difference(canonicalize(find_ink(picture)), canonicalize(plain)) < 6


def test_a_28x28_of_faint_ink_is_stretched(splits):
    for digit in splits.validation.digits[:20]:
        faint = np.rint(digit / 255 * 20).astype(np.uint8)
        assert difference(canonicalize(find_ink(faint)), digit) < 6
        assert difference(canonicalize(find_ink(240 - faint)), digit) < 6
