"""The client against the real service and against servers that misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from PIL import Image

from service.client import BATCH, Client, Prediction, Reading, Refused, ServiceUnreachable
from tests import serving
from tests.serving import ROOT


@pytest.fixture
def client(url) -> Iterator[Client]:
    with Client(url) as client:
        yield client


@contextmanager
def server(*answers: tuple[int, dict[str, str], bytes], pause: float = 0) -> Iterator[tuple[str, list[float]]]:
    """Serve these responses, the last one repeatedly; yield the address and the times of the requests."""
    asked: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(time.monotonic())
            self.rfile.read(int(self.headers["Content-Length"]))
            if pause:
                stopped.wait(pause)
            status, headers, body = answers[min(len(asked), len(answers)) - 1]
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    stopped = threading.Event()
    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}", asked
        finally:
            stopped.set()
            listening.shutdown()
            thread.join()


GOOD = (200, {}, b'{"digit": 7, "probabilities": [0,0,0,0,0,0,0,1,0,0], "confidence": 1.0, "digit_score": 1.0, "accepted": true, "reason": null, "model": {"name": "digits", "version": 3}, "request_id": "x"}')  # fmt: skip
BUSY = b'{"status": 503, "code": "overloaded", "detail": "Try again.", "request_id": "x"}'


def test_an_image_may_be_a_path_bytes_a_pillow_image_or_pixels(client, encode, splits):
    path = ROOT / "docs" / "seven.png"
    digit = splits.test.digits[0]
    for image in (path, str(path), path.read_bytes(), Image.open(path), digit, np.stack([digit] * 3, axis=2)):
        prediction = client.predict(image)
        assert isinstance(prediction, Prediction)
        assert (prediction.digit, prediction.accepted, prediction.reason, prediction.version) == (7, True, None, 1)
        assert prediction.confidence == max(prediction.probabilities)
    assert client.predict_strokes([[[60, 60], [220, 60], [120, 240]]]).digit == 7


def test_many_predictions_come_in_order_with_a_refusal_for_an_unreadable_image(client, splits):
    images = [*splits.test.digits[: 2 * BATCH + 1], b"no image"]
    answers = list(client.predict_many(iter(images)))
    assert [answer.digit for answer in answers[:-1]] == splits.test.labels[: 2 * BATCH + 1].tolist()
    assert isinstance(answers[-1], Refused)
    assert answers[-1].code == "undecodable_image"
    assert list(client.predict_many([])) == []
    assert [answer.digit for answer in client.predict_many(images[:1])] == [7]


def test_a_refusal_has_the_service_s_status_code_and_detail(client):
    with pytest.raises(
        Refused, match=r"The bytes are no complete PNG.* \(undecodable_image, request [0-9a-f]{32}\)"
    ) as raised:
        client.predict(b"no image")
    assert (raised.value.status, raised.value.code) == (400, "undecodable_image")


@pytest.mark.parametrize("image", [np.zeros((28, 28, 9), np.uint8), np.zeros((28, 28), complex), 7, None])
def test_other_values_than_images_are_refused_before_they_are_sent(client, image):
    with pytest.raises(TypeError, match=r"must be a path, .* not a"):
        client.predict(image)


def test_a_missing_file_is_named(client):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.png"):
        client.predict("nowhere.png")


def test_a_busy_service_is_asked_again_after_its_retry_after():
    with server((503, {"Retry-After": "1"}, BUSY), GOOD) as (url, asked), Client(url) as client:
        assert client.predict(b"x").version == 3
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 1


def test_a_service_that_stays_busy_is_a_refusal_after_the_last_retry():
    with (
        server((503, {"Retry-After": "0"}, BUSY)) as (url, asked),
        Client(url, retries=2) as client,
        pytest.raises(Refused, match="Try again") as raised,
    ):
        client.predict(b"x")
    assert raised.value.code == "overloaded"
    assert len(asked) == 3


def test_a_client_error_is_not_retried():
    mistake = (400, {}, BUSY.replace(b"503", b"400"))
    with server(mistake) as (url, asked), Client(url) as client, pytest.raises(Refused):
        client.predict(b"x")
    assert len(asked) == 1


def test_a_service_that_does_not_answer_in_time_is_unreachable():
    with (
        server(GOOD, pause=20) as (url, asked),
        Client(url, timeout=0.2, retries=0) as client,
        pytest.raises(ServiceUnreachable, match="does not answer"),
    ):
        client.predict(b"x")
    assert len(asked) == 1


def test_the_address_is_named_when_nothing_listens_there():
    url = f"http://127.0.0.1:{serving.free_port()}"
    with Client(url, retries=1) as client, pytest.raises(ServiceUnreachable, match=url):
        client.predict(b"x")


def test_a_response_of_another_server_is_recognized():
    with (
        server((502, {}, b"<html>")) as (url, _),
        Client(url) as client,
        pytest.raises(ServiceUnreachable, match="answers 502 without this service's JSON"),
    ):
        client.predict(b"x")


def test_a_number_is_read_with_its_digits_and_their_places(client, numbers_picture):
    reading = client.read(numbers_picture)
    assert isinstance(reading, Reading)
    assert (reading.number, reading.grid) == ("71", None)
    assert reading.accepted == (reading.reason is None)
    (line,) = reading.lines
    assert (line.number, [digit.digit for digit in line.digits]) == ("71", [7, 1])
    assert len(line.digits[0].probabilities) == 10
    assert line.box[0] == line.digits[0].box[0] < line.digits[1].box[0]


def test_a_grid_is_read_box_by_box(client, splits):
    sevens = splits.test.digits[splits.test.labels == 7][:2]
    paper = np.pad(np.hstack((sevens[0], 0 * sevens[0], sevens[1])).astype(np.uint8), 8)
    picture = 255 - np.kron(paper, np.ones((4, 4), np.uint8))
    assert client.read(picture, grid=(1, 3)).grid == ((7, None, 7),)
    with pytest.raises(Refused) as refused:
        client.read(picture, grid=(0, 3))
    assert refused.value.code == "bad_parameter"


def test_many_pictures_of_numbers_are_read_in_order(client, numbers_picture):
    pictures = [numbers_picture] * 3 + [b"no image"] + [numbers_picture] * BATCH
    numbers = [one.code if isinstance(one, Refused) else one.number for one in client.read_many(pictures)]
    assert numbers == ["71"] * 3 + ["undecodable_image"] + ["71"] * BATCH
    (only,) = client.read_many([numbers_picture])
    assert only.number == "71"
