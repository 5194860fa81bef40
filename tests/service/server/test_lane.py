"""The fast lane under load: whose answer is whose, what waits for what, and what is refused."""

from __future__ import annotations

import asyncio
import http.client
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from models.inference.digit_model import Predictions
from service import create_app
from service.config import Config
from service.inference.predictor import Predictor
from service.protocols.opening import open_call
from service.protocols.request import Call
from tests import serving

PNG = {"Content-Type": "image/png"}


class Counting:
    """A model that remembers the size of each batch it ran."""

    def __init__(self, model):
        self._model = model
        self.batches = []

    def predict(self, digits):
        self.batches.append(len(digits))
        return self._model.predict(digits)


@pytest.fixture
def counting(model):
    counting = Counting(model)
    predictor = Predictor(counting)
    counting.batches.clear()
    return predictor, counting


@pytest.fixture(scope="module")
def photo(encode):
    """A 12-megapixel photo."""
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    return encode(noise.repeat(10, axis=0).repeat(10, axis=1), "JPEG", quality=70)


def send_later(url, data, content_type):
    """Post in a thread; the future of the reply."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(requests.post, f"{url}/predict", data=data, headers={"Content-Type": content_type}, timeout=60)
    pool.shutdown(wait=False)
    return future


def test_what_arrives_together_runs_together_and_each_gets_its_own(counting, splits):
    predictor, model = counting
    digits = list(splits.test.digits[:20])

    async def ask():
        return await asyncio.gather(*(predictor.join(digit) for digit in digits))

    answers = asyncio.run(ask())
    assert model.batches == [16, 4]
    expected = predictor.predict(digits)
    for n, answer in enumerate(answers):
        assert isinstance(answer, Predictions)
        assert np.abs(answer.probabilities - expected.probabilities[n]).max() < 1e-6
        assert abs(answer.digit_score - expected.digit_score[n]) < 1e-6


def test_many_raw_drawings_keep_the_loop_only_if_they_are_canonical(splits):
    ruled = splits.test.digits[:32].copy()
    ruled[:, 14] = 255
    for drawings, light in ((splits.test.digits[:32], True), (ruled[:4], True), (ruled[:5], False), (splits.test.digits[:33], False)):  # fmt: skip
        opened = open_call(Call("application/octet-stream", {}, drawings.tobytes(), "id"), Config())
        assert opened.light == light


def test_one_digit_alone_does_not_wait(counting, splits):
    predictor, model = counting

    async def ask():
        return await predictor.join(splits.test.digits[0])

    asyncio.run(ask())
    assert model.batches == [1]


def test_a_client_that_hangs_up_costs_no_inference(counting, splits):
    predictor, model = counting

    async def ask():
        answers = [predictor.join(digit) for digit in splits.test.digits[:3]]
        answers[1].cancel()
        return await asyncio.gather(*answers, return_exceptions=True)

    _, cancelled, _ = asyncio.run(ask())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert model.batches == [2]


def test_a_model_that_fails_fails_its_batch_and_not_the_next(counting, splits):
    predictor, model = counting

    async def ask():
        works, model.predict = model.predict, None
        failed = await asyncio.gather(predictor.join(splits.test.digits[0]), return_exceptions=True)
        model.predict = works
        return failed, await predictor.join(splits.test.digits[0])

    (failed,), answer = asyncio.run(ask())
    assert isinstance(failed, TypeError)
    assert answer.probabilities.argmax() == 7


def test_two_thousand_different_digits_64_at_once_each_get_their_own_answer(url, encode, splits, model):
    digits = splits.test.digits[:2000]
    expected = model.predict(digits).probabilities
    sessions = threading.local()

    def ask(n):
        if not hasattr(sessions, "own"):
            sessions.own = requests.Session()
        identity = f"digit-{n}"
        headers = PNG | {"X-Request-ID": identity}
        reply = sessions.own.post(f"{url}/predict", data=encode(digits[n]), headers=headers, timeout=30)
        assert reply.json()["request_id"] == identity
        return reply.json()["probabilities"]

    with ThreadPoolExecutor(64) as pool:
        answers = np.array(list(pool.map(ask, range(2000))))
    assert np.abs(answers - expected).max() < 1e-6


def test_bad_requests_among_good_ones_spoil_nothing(url, encode, splits, model):
    bodies = [encode(digit) if n % 3 else b"broken" for n, digit in enumerate(splits.test.digits[:300])]
    expected = model.predict(splits.test.digits[:300]).probabilities
    with ThreadPoolExecutor(32) as pool:
        replies = list(
            pool.map(lambda body: requests.post(f"{url}/predict", data=body, headers=PNG, timeout=30), bodies)
        )
    for n, reply in enumerate(replies):
        assert reply.status_code == (200 if n % 3 else 400)
        if n % 3:
            assert np.abs(np.array(reply.json()["probabilities"]) - expected[n]).max() < 1e-6


def test_a_digit_is_answered_while_photos_are_being_read(url, encode, splits, form, photo):
    png = encode(splits.test.digits[0])
    photos = send_later(url, *form(*[photo] * 5))
    answered = 0
    while not photos.done():
        assert requests.post(f"{url}/predict", data=png, headers=PNG, timeout=30).json()["digit"] == 7
        answered += not photos.done()
    assert photos.result().status_code == 200
    assert answered > 10


def test_past_the_queue_503_comes_at_once_and_health_still_answers(encode, splits, form, photo):
    png = encode(splits.test.digits[0])
    photos, type = form(*[photo] * 5)
    refused = []
    with serving.service(DIGITS_MAX_QUEUE="1") as (url, _):
        while not refused:
            working = send_later(url, photos, type)
            while not working.done():
                reply = requests.post(f"{url}/predict", data=png, headers=PNG, timeout=30)
                if reply.status_code == 503:
                    refused.append(reply)
                    assert requests.get(f"{url}/health/ready", timeout=5).ok
            assert working.result().status_code == (200 if refused else 503)
        for reply in refused:
            assert reply.headers["Retry-After"] == "1"
            assert reply.json()["code"] == "overloaded"
        assert requests.post(f"{url}/predict", data=png, headers=PNG, timeout=30).json()["digit"] == 7


def test_a_slow_sender_takes_no_place_in_the_queue(encode, splits):
    png = encode(splits.test.digits[0])
    with serving.service(DIGITS_MAX_QUEUE="1") as (url, _):
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as slow:
            slow.sendall(
                b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\n"
            )
            for _ in range(20):
                assert requests.post(f"{url}/predict", data=png, headers=PNG, timeout=30).json()["digit"] == 7
                slow.sendall(b"x")


def test_past_the_deadline_504_comes(photo):
    with serving.service(DIGITS_DEADLINE_MS="1") as (url, _):
        reply = requests.post(f"{url}/predict", data=photo, headers={"Content-Type": "image/jpeg"}, timeout=30)
        assert (reply.status_code, reply.json()["code"]) == (504, "deadline_exceeded")
        assert requests.get(f"{url}/health/ready", timeout=5).ok


def test_a_worker_told_to_stop_answers_what_it_has_and_is_ready_for_no_more():
    with serving.service() as (url, process):
        address = urlsplit(url)
        kept = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        process.send_signal(signal.SIGTERM)
        statuses = set()

        def ask_on():
            while True:
                kept.request("GET", "/health/ready")
                with kept.getresponse() as reply:
                    statuses.add(reply.status)
                    reply.read()

        with pytest.raises(OSError, match=r"closed|refused|reset"):
            ask_on()
        assert statuses <= {200, 503}
        process.communicate(timeout=serving.PATIENCE)
        assert process.returncode == 0


def test_a_draining_worker_is_live_and_not_ready():
    app = create_app(Config())
    app.extensions["predictor"].draining = True
    client = app.test_client()
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/ready").json["detail"] == "The service is about to stop; ask another."
    assert client.get("/health/live").status_code == 200


def test_a_body_that_comes_in_pieces_is_read_whole(url, encode, splits):
    png = encode(splits.test.digits[0])
    pieces = (png[i : i + 10] for i in range(0, len(png), 10))
    assert requests.post(f"{url}/predict", data=pieces, headers=PNG, timeout=30).json()["digit"] == 7


def test_a_sender_that_gives_up_half_way_harms_nobody(url, encode, splits):
    address = urlsplit(url)
    for _ in range(50):
        with socket.create_connection((address.hostname, address.port)) as half:
            half.sendall(
                b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nabc"
            )
    png = encode(splits.test.digits[0])
    assert requests.post(f"{url}/predict", data=png, headers=PNG, timeout=30).json()["digit"] == 7
