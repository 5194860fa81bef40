"""What the short cut takes, and what it leaves to the lane."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from service.access.admission import Admission
from service.config import Config
from service.inference.canary import Canary
from service.inference.predictor import Predictor
from service.observability.metrics import Metrics
from service.server.head import Head
from service.server.shortcut import Shortcut


def head(body, content_type="image/png", query=b""):
    return Head("/predict", query, content_type, "me", len(body), "")


@pytest.fixture(scope="module")
def predictor(model):
    return Predictor(model)


@pytest.fixture
def shortcut(predictor):
    config, metrics = Config(max_queue=2), Metrics()
    return Shortcut(Canary(predictor, config, metrics), Admission(config, metrics), config, metrics, None)


@pytest.fixture
def ask(shortcut):
    """ask(body, content_type) -> status and document; None: left to the lane."""

    async def run(body, *details):
        asked = head(body, *details)
        if not shortcut.takes(asked):
            return None
        answer = asyncio.get_running_loop().create_future()
        if shortcut.begin(asked, body, lambda *told: answer.set_result(told)) is None:
            return None
        (status, _, document), request_id = await answer
        assert request_id == "me"
        return status, json.loads(document)

    return lambda *request: asyncio.run(run(*request))


def test_a_picture_strokes_a_form_and_a_few_raw_digits_are_taken(ask, encode, splits, form):
    png = encode(splits.test.digits[0])
    strokes = json.dumps({"strokes": [[[0, 0], [10, 0], [3, 20]]]}).encode()
    body, multipart = form(png)
    for status, document in (ask(png), ask(strokes, "application/json"), ask(body, multipart)):
        assert (status, document["digit"]) == (200, 7)
    status, document = ask(splits.test.digits[:32].tobytes(), "application/octet-stream")
    assert [answer["digit"] for answer in document["predictions"]] == splits.test.labels[:32].tolist()
    assert ask(encode(np.zeros((28, 28), np.uint8)))[1]["reason"] == "blank"


def test_what_is_heavy_or_wrong_is_left_to_the_lane(ask, encode, splits):
    assert ask(encode(np.full((500, 500), 255, np.uint8))) is None
    assert ask(encode(splits.test.digits[0], "JPEG"), "image/jpeg") is None
    assert ask(splits.test.digits[:33].tobytes(), "application/octet-stream") is None
    assert ask(bytes(70_000)) is None
    assert ask(b"broken") is None
    assert ask(b"") is None
    assert ask(encode(splits.test.digits[0]), "image/png", b"canonical=2") is None


def test_a_client_that_hangs_up_costs_no_inference_and_keeps_no_place(shortcut, predictor, encode, splits):
    png = encode(splits.test.digits[0])
    batch = splits.test.digits[:2].tobytes()
    ran = []

    async def hang_up():
        for body, kind in ((png, "image/png"), (batch, "application/octet-stream")):
            shortcut.begin(head(body, kind), body, lambda *answer: ran.append(answer)).cancel()
        await asyncio.sleep(0)
        return [shortcut.begin(head(png), png, lambda *answer: None) for _ in range(3)]

    first, second, third = asyncio.run(hang_up())
    assert ran == []
    assert None not in (first, second)
    assert third is None  # the queue has two places


def test_what_comes_after_its_deadline_is_said_to_be_late(predictor, encode, splits):
    config, metrics = Config(deadline_ms=0), Metrics()
    shortcut = Shortcut(Canary(predictor, config, metrics), Admission(config, metrics), config, metrics, None)
    png = encode(splits.test.digits[0])

    async def ask():
        answer = asyncio.get_running_loop().create_future()
        shortcut.begin(head(png), png, lambda *told: answer.set_result(told))
        return await answer

    (status, _, document), _ = asyncio.run(ask())
    assert status == 504
    assert json.loads(document)["code"] == "deadline_exceeded"


def test_a_model_that_fails_is_a_500_with_the_request_id(shortcut, predictor, encode, splits, monkeypatch, caplog):
    monkeypatch.setattr(predictor, "model", None)
    png = encode(splits.test.digits[0])

    async def ask(body, kind):
        answer = asyncio.get_running_loop().create_future()
        shortcut.begin(head(body, kind), body, lambda *told: answer.set_result(told))
        return await answer

    for body, kind in ((png, "image/png"), (splits.test.digits[:2].tobytes(), "application/octet-stream")):
        (status, _, document), _ = asyncio.run(ask(body, kind))
        assert status == 500
        assert json.loads(document)["request_id"] == "me"
    assert "request me failed" in caplog.text
