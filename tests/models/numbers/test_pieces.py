import cv2
import numpy as np
import pytest

from models.arrays import Drawing
from models.numbers import strips
from models.numbers.pieces import Cutter, Place


def bars(*columns: float, lean: int = 0, height: int = 80) -> Drawing:
    """Draw bars that lean to the right by so many pixels."""
    drawing = np.zeros((height + 40, 400), np.uint8)
    for column in columns:
        cv2.line(drawing, (round(column - lean / 2), height + 20), (round(column + lean / 2), 20), 255, 7)
    return drawing


def cut(drawing: Drawing, *columns: float) -> list[tuple[int, int, int, int]]:
    """Cut at columns of the drawing; return the boxes."""
    line = strips.cut(drawing)
    centers = [(column - line.left) / line.scale for column in columns]
    row = [None, *centers, None]
    places = [Place(left, center, right) for left, center, right in zip(row[:-2], centers, row[2:], strict=True)]
    return [piece.box for piece in Cutter(drawing, line).cut(places)]


def middles(boxes: list[tuple[int, int, int, int]]) -> list[float]:
    return [x + width / 2 for x, _, width, _ in boxes]


def test_digits_apart_are_cut_at_paper():
    assert middles(cut(bars(100, 160, 200), 100, 160, 200)) == pytest.approx([100, 160, 200], abs=3)


def test_slanted_digits_that_share_columns_keep_their_ink():
    boxes = cut(bars(100, 130, 160, lean=40), 100, 130, 160)
    assert middles(boxes) == pytest.approx([100, 130, 160], abs=4)
    assert [width for _, _, width, _ in boxes] == pytest.approx([47] * 3, abs=6)


def test_touching_digits_are_cut_where_the_least_ink_is():
    drawing = bars(100, 160, lean=20)
    cv2.line(drawing, (100, 60), (160, 60), 255, 5)
    boxes = cut(drawing, 100, 160)
    assert boxes[0][0] + boxes[0][2] == pytest.approx(boxes[1][0], abs=3)
    assert boxes[1][0] == pytest.approx(130, abs=8)


def test_a_sign_beside_a_digit_is_left_out():
    drawing = bars(100, 180)
    cv2.line(drawing, (120, 60), (155, 60), 255, 7)
    assert [width for _, _, width, _ in cut(drawing, 100, 180)] == pytest.approx([8, 8], abs=3)


def test_a_center_beside_the_ink_finds_it():
    assert middles(cut(bars(100, 130), 106, 124)) == pytest.approx([100, 130], abs=3)


def test_a_place_without_ink_is_a_blank_piece():
    drawing = bars(100)
    line = strips.cut(drawing)
    cutter = Cutter(np.zeros_like(drawing), line)
    (piece,) = cutter.cut([Place(None, 10.0, None)])
    assert not piece.ink.any()
    assert min(piece.box[2:]) >= 1
