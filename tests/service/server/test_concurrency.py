"""Many requests at once: each gets its own answer, light ones do not wait for heavy ones, and limits hold."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import socket
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from service import create_app
from service.config import Config
from service.images.raw_pixels import RawPixels
from service.protocols.registry import find
from service.protocols.request import Request
from service.services import Services
from tests import serving
from tests.textbook import NUMBERS, STORE

PNG = {"Content-Type": "image/png"}


@pytest.fixture
def services():
    return Services(Config(models=STORE, numbers=NUMBERS, max_queue=2))


@pytest.fixture(scope="module")
def photo(encode):
    """A 12-megapixel photo."""
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    return encode(noise.repeat(10, axis=0).repeat(10, axis=1), "JPEG", quality=70)


def send_later(url, data, content_type):
    """Post in a thread. Return the future of the reply."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(requests.post, f"{url}/predict", data=data, headers={"Content-Type": content_type}, timeout=60)
    pool.shutdown(wait=False)
    return future


def test_only_few_or_canonical_raw_drawings_are_light(splits):
    ruled = splits.test.digits[:32].copy()
    ruled[:, 14] = 255
    for drawings, light in (
        (splits.test.digits[:32], True), (ruled[:2], True), (ruled[:3], False), (splits.test.digits[:33], False),
    ):  # fmt: skip
        assert RawPixels(drawings).light == light


def prepare(services, body, content_type, path="/predict"):
    """Prepare a request as the server does."""
    target, _, query = path.partition("?")
    headers = {b"content-type": content_type.encode()}
    request = Request(method="POST", path=target, query_string=query.encode(), headers=headers, body=body)
    prepared = services.pipeline.prepare(request, find(target))
    services.pipeline.cancel()
    return prepared


def strokes(points):
    return json.dumps({"strokes": [[[n, n] for n in range(points)]]}).encode()


def test_small_pictures_and_few_points_are_light(services, encode, splits, form):
    png = encode(splits.test.digits[0])
    image = json.dumps({"image": base64.b64encode(png).decode()}).encode()
    json_type = "application/json"
    for body in ((png, "image/png"), (image, json_type), (strokes(300), json_type), form(png)):
        assert prepare(services, *body).light


def test_photos_explanations_notes_many_points_and_large_bodies_are_heavy(services, encode, splits):
    digit = splits.test.digits[0]
    png = encode(digit)
    note = b"k\0\0" + zlib.compress(bytes(1 << 20))
    chunk = struct.pack(">I", len(note)) + b"zTXt" + note + struct.pack(">I", zlib.crc32(b"zTXt" + note))
    with_note = png[:33] + chunk + png[33:]
    image = json.dumps({"image": base64.b64encode(with_note).decode()}).encode()
    for body, content_type in (
        (encode(digit, "JPEG"), "image/jpeg"),
        (encode(np.full((500, 500), 255, np.uint8)), "image/png"),
        (with_note, "image/png"),
        (image, "application/json"),
        (strokes(301), "application/json"),
        (png + bytes(70_000), "image/png"),
    ):
        assert not prepare(services, body, content_type).light
    assert not prepare(services, png, "image/png", "/predict?explain=1").light


def test_a_model_that_fails_is_a_500_with_the_request_id_and_gives_its_place_back(services, encode, splits, caplog):
    request = Request(
        method="POST", path="/predict", headers={b"content-type": b"image/png", b"x-request-id": b"me"},
        body=encode(splits.test.digits[0]),
    )  # fmt: skip
    for _ in range(services.config.max_queue + 1):
        prepared = services.pipeline.prepare(request, find("/predict"))
        prepared.predictor = None
        response = services.pipeline.complete(prepared)
        assert (response.status, json.loads(response.body)["request_id"]) == (500, "me")
    assert "request me failed" in caplog.text
    assert services.pipeline.complete(services.pipeline.prepare(request, find("/predict"))).status == 200


def test_an_unknown_version_is_refused_before_anything_is_read(services):
    request = Request(method="POST", path="/predict", query_string=b"version=9", headers={}, body=b"broken")
    response = services.pipeline.prepare(request, find("/predict"))
    assert (response.status, json.loads(response.body)["code"]) == (404, "no_such_version")


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


def test_bad_requests_do_not_affect_good_ones_among_them(url, encode, splits, model):
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


def test_beyond_the_queue_503_is_immediate_and_health_still_answers(encode, splits, form, photo):
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


def test_beyond_the_deadline_the_answer_is_504(photo):
    with serving.service(DIGITS_DEADLINE_MS="1") as (url, _):
        reply = requests.post(f"{url}/predict", data=photo, headers={"Content-Type": "image/jpeg"}, timeout=30)
        assert (reply.status_code, reply.json()["code"]) == (504, "deadline_exceeded")
        assert requests.get(f"{url}/health/ready", timeout=5).ok


def test_a_stopping_worker_finishes_its_requests_and_is_not_ready():
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


def test_a_draining_worker_is_live_and_not_ready(services):
    services.health.draining = True
    client = create_app(services).test_client()
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/ready").json["detail"] == "The service is about to stop; ask another."
    assert client.get("/health/live").status_code == 200


def test_a_body_that_comes_in_pieces_is_read_whole(url, encode, splits):
    png = encode(splits.test.digits[0])
    pieces = (png[i : i + 10] for i in range(0, len(png), 10))
    assert requests.post(f"{url}/predict", data=pieces, headers=PNG, timeout=30).json()["digit"] == 7


def test_a_sender_that_gives_up_affects_no_other_client(url, encode, splits):
    address = urlsplit(url)
    for _ in range(50):
        with socket.create_connection((address.hostname, address.port)) as half:
            half.sendall(
                b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nabc"
            )
    png = encode(splits.test.digits[0])
    assert requests.post(f"{url}/predict", data=png, headers=PNG, timeout=30).json()["digit"] == 7
