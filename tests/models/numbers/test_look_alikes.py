"""Compare digits of one typeface, moved and blurred a little, and digits that people wrote."""

import cv2
import numpy as np

from model_training.data.dataset import Splits
from models.arrays import Drawing
from models.numbers.look_alikes import find_alike


def printed(digit: int, shift: float) -> Drawing:
    drawing = np.zeros((64, 64), np.uint8)
    cv2.putText(drawing, str(digit), (16, 48), cv2.FONT_HERSHEY_DUPLEX, 1.4, 255, 4, cv2.LINE_AA)
    moved = cv2.warpAffine(drawing, np.array([[1, 0, shift], [0, 1, shift]]), (64, 64))
    x, y, width, height = cv2.boundingRect((moved > 90).astype(np.uint8))
    return np.ascontiguousarray(moved[y : y + height, x : x + width])


def test_printed_digits_look_like_those_of_their_kind():
    labels = np.array([1, 4, 8, 6, 9, 1, 4, 8, 6, 9, 3])
    shifts = np.linspace(-0.4, 0.5, len(labels))
    alike = find_alike([printed(int(label), shift) for label, shift in zip(labels, shifts, strict=True)])
    np.testing.assert_array_equal(alike, labels[:, None] == labels)


def test_hardly_any_written_digits_look_alike(splits: Splits):
    digits = [np.ascontiguousarray(digit[4:24, 4:24]) for digit in splits.validation.digits[:200]]
    assert find_alike(digits).mean() < 2 / len(digits)


def test_no_digits_are_no_matter():
    assert find_alike([]).shape == (0, 0)
