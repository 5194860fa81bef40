import cv2
import numpy as np
import pytest

from models.errors import BlankDrawing
from models.preprocessing import rasterize
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

SEVEN = [np.array([[60.0, 60], [220, 60], [120, 240]])]


def test_the_unit_and_position_of_strokes_do_not_matter():
    far = [stroke * 1000 - 12345 for stroke in SEVEN]
    assert np.array_equal(rasterize.draw(SEVEN), rasterize.draw(far))


def test_strokes_and_the_same_drawing_as_pixels_have_close_probabilities(model):
    drawing = np.zeros((280, 280), np.uint8)
    cv2.polylines(drawing, [SEVEN[0].astype(int)], False, 255, 20, cv2.LINE_AA)
    digits = np.stack([canonicalize(rasterize.draw(SEVEN)), canonicalize(find_ink(drawing))])
    probabilities = model.predict(digits).probabilities
    assert probabilities.argmax(1).tolist() == [7, 7]
    assert np.abs(probabilities[0] - probabilities[1]).max() < 0.02


def test_a_single_point_is_drawn_as_a_dot():
    assert rasterize.draw([np.array([[5.0, 5]])]).any()


@pytest.mark.parametrize("nothing", [[], [np.empty((0, 2))]])
def test_strokes_without_points_are_blank(nothing):
    with pytest.raises(BlankDrawing):
        rasterize.draw(nothing)
