"""Numbers are read in threads and processes, and never on the event loop."""

from __future__ import annotations

import json
import threading

import cv2
import numpy as np
import pytest

from service.config import Config
from service.protocols.native_images import DRAWN_POINTS
from service.protocols.registry import find
from service.protocols.request import Request
from service.services import Services
from tests.textbook import NUMBERS, STORE

SEVEN = [[60, 60], [160, 60], [100, 200]]


@pytest.fixture(scope="module")
def services():
    services = Services(Config(models=STORE, numbers=NUMBERS, deadline_ms=10_000))
    yield services
    services.close()


def ask(body, content_type=b"application/json", path="/read", query=b""):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {b"content-type": content_type}
    return Request(method="POST", path=path, query_string=query, headers=headers, body=body)


def points(count):
    """Return one stroke of that many points."""
    return [[[60 + n % 100, 60 + n / 50] for n in range(count)]]


@pytest.mark.parametrize(
    ("body", "brief", "here"),
    [
        ({"strokes": [SEVEN]}, True, True),
        ({"images": [{"strokes": [SEVEN]}] * 3}, True, True),
        ({"strokes": points(DRAWN_POINTS)}, True, True),
        ({"strokes": points(DRAWN_POINTS + 1)}, False, False),
        ({"pixels": [[0] * 28] * 28}, True, False),
        ({"images": [{"strokes": [SEVEN]}, {"pixels": [[0] * 28] * 28}]}, False, False),
    ],
)
def test_only_strokes_are_laid_out_in_this_process(services, body, brief, here):
    prepared = services.pipeline.prepare(ask(body), find("/read"))
    assert not prepared.light
    assert (prepared.brief, prepared.parsed is not None) == (brief, here)
    assert services.pipeline.complete(prepared).status == 200


def test_a_small_picture_is_brief_and_a_photo_is_not(services, numbers_picture):
    photo = cv2.imencode(".jpg", np.full((900, 1200), 255, np.uint8))[1].tobytes()
    for body, brief in ((numbers_picture, True), (photo, False)):
        prepared = services.pipeline.prepare(ask(body, b"image/png"), find("/read"))
        assert (prepared.brief, prepared.parsed, prepared.light) == (brief, None, False)
        assert services.pipeline.complete(prepared).status == 200


def test_pages_are_read_until_the_deadline_and_no_longer(services):
    prepared = services.pipeline.prepare(ask({"strokes": [SEVEN]}), find("/read"))
    prepared.began -= 11
    response = services.pipeline.complete(prepared)
    assert (response.status, response.reason) == (504, "deadline_exceeded")


def test_threads_share_the_reader(services):
    answers = []

    def read():
        prepared = services.pipeline.prepare(ask({"strokes": [SEVEN]}), find("/read"))
        answers.append(json.loads(services.pipeline.complete(prepared).body)["number"])

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["7"] * 8
