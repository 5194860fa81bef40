import cv2
import numpy as np
import pytest

from models.preprocessing.illumination import LONGEST_SIDE, lift_ink


def paper(shape):
    """Make paper lit from the upper left with its lower right corner in shadow."""
    y, x = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    return 210 * (1.1 - 0.3 * x - 0.2 * y) * (1 - 0.35 / (1 + np.exp(-(x + y - 1.3) / 0.02)))


@pytest.mark.parametrize("shape", [(60, 60), (120, 90), (200, 256)])
@pytest.mark.parametrize("light_on_dark", [False, True])
def test_only_ink_remains_of_unevenly_lit_paper(shape, light_on_dark):
    mask = np.zeros(shape, np.uint8)
    height, width = shape
    cv2.circle(mask, (width // 2, height // 2), height // 4, 255, max(height // 20, 3))
    grey = np.where(mask > 0, 0.6 * paper(shape), paper(shape)).astype(np.uint8)
    ink = lift_ink(255 - grey if light_on_dark else grey)
    assert (ink[mask > 0] > 100).mean() > 0.97
    assert (ink[cv2.dilate(mask, np.ones((3, 3))) == 0] < 60).mean() > 0.97


def test_empty_paper_leaves_no_ink():
    assert not lift_ink(paper((150, 200)).astype(np.uint8)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 2), (1, 900), (900, 1), (3, 700), (600, 500)])
def test_any_shape_is_accepted_and_scaled_down(shape):
    grey = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    ink = lift_ink(grey)
    assert ink.dtype == np.uint8
    assert max(ink.shape) <= LONGEST_SIDE
