"""Read a drawing of each kind once, so that the first request need not wait, and memory grows no more."""

from __future__ import annotations

import cv2
import numpy as np

from service.images.canonical_digits import Images
from service.images.image import encoded


def warm_up() -> None:
    """Read a stroke on plain paper, in colour and in grey, and one on ruled paper."""
    plain = np.full((280, 280), 255, np.uint8)
    cv2.line(plain, (100, 60), (180, 220), 0, 20)
    ruled = plain.copy()
    ruled[::40] = 0
    pictures = (plain, ruled, cv2.cvtColor(plain, cv2.COLOR_GRAY2BGRA))
    images = [encoded(cv2.imencode(".png", picture)[1].tobytes(), plain.size) for picture in pictures]
    assert all(isinstance(result, np.ndarray) for result in Images(images).canonicalize().results)
