import cv2
import numpy as np
import pytest

from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("light", [False, True])
def test_a_small_picture_cut_to_the_ink_is_read_like_one_with_a_margin(splits, binary, light):
    alike = 0
    for digit in splits.validation.digits[:100]:
        left, top, width, height = cv2.boundingRect(digit)
        ink = digit[top : top + height, left : left + width]
        scale = 16 / max(ink.shape)
        ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        ink = np.where(ink > 100, np.uint8(255), np.uint8(0)) if binary else ink
        cut = canonicalize(find_ink(~ink if light else ink))
        alike += np.abs(cut.astype(float) - canonicalize(np.pad(ink, 6))).mean() < 6
    assert alike >= 95
