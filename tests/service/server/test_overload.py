"""Twice as many photos as a worker can read, sent without waiting for responses."""

from __future__ import annotations

from statistics import median

import cv2
import numpy as np
import pytest

from tests import serving
from tests.service.flood import capacity, flood

SECONDS = 8
"""docs/operations.md has the figures of a minute."""
DEADLINE = 5
"""Seconds, the service's own."""
JPEG = "image/jpeg"


@pytest.fixture
def photo():
    """A photo of twelve megapixels, which takes 45 ms of a core."""
    paper = np.full((3000, 4000), 200, np.uint8)
    cv2.polylines(paper, [np.array([(1300, 800), (2700, 800), (2000, 2400)])], False, 40, 150)
    return cv2.imencode(".jpg", paper)[1].tobytes()


def test_of_twice_the_photos_half_are_answered_in_time_and_half_are_refused_at_once(photo):
    with serving.service(WORKERS="1", DIGITS_DEADLINE_MS=str(DEADLINE * 1000)) as (url, _):
        can_take = capacity(url, photo, JPEG, 2)
        replies, recovery = flood(url, photo, JPEG, 2 * can_take, SECONDS)
    answered = [reply.seconds for reply in replies if reply.status == 200]
    refused = [reply.seconds for reply in replies if reply.status == 503]
    assert len(answered) + len(refused) == len(replies)
    assert len(answered) > 0.6 * can_take * SECONDS
    assert max(answered) < DEADLINE
    assert refused
    assert median(refused) < 0.5
    assert recovery < 2
